"""Planning a batch: as many requests as one transaction can hold, decided on the records.

Nothing is written. Facts of one person are decided in the order in which they came, each on what the ones before it
made. A fact that cannot be appended gets its error, and the others do not notice. Planning leaves the records ahead of
the log: they are confirmed when the batch is committed, or forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.ledger.batch import Batch
from adapters.ledger.receipt import Permission
from adapters.ledger.repeats import find_repeats
from domain import ledger
from domain.contact_points import names_beside, points_in
from domain.errors import FactConflict, PledgerError
from domain.facts import CustomerFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from adapters.ledger.receipt import AppendRequest
    from adapters.ledger.records import Records
    from adapters.ledger.repeats import FactKey
    from domain.facts import Fact
    from domain.facts.fields import Subject
    from domain.policy.judge import Judge
    from domain.store import Sender


def plan(
    records: Records, judge: Judge, latest: datetime, requests: Sequence[AppendRequest], *, look_up: bool
) -> Batch:
    """Return a batch of as many requests as one transaction can hold; an erasure ends it, or an unlink.

    With `look_up`, facts that are in the log already are found and answered. Without it they are taken for new, and the
    append finds out under the lock.
    """
    repeats = find_repeats(records, [request.fact for request in requests]) if look_up else {}
    facts = (request.fact for request in requests)
    _read_ahead(records, (fact for fact in facts if fact.key not in repeats) if repeats else facts)
    batch = Batch(records, judge, latest)  # Reading may have shown that the log is longer than was known.
    new: dict[FactKey, AppendRequest] = {}
    for index, request in enumerate(requests):
        fact, key = request.fact, request.fact.key
        try:
            if (repeat := repeats.get(key)) is not None:
                batch.answers.append((request, repeat.answer(fact)))
            elif (first := new.get(key)) is not None:
                if fact.content() != first.fact.content():
                    raise FactConflict
                batch.repeats.append((request, first))
            else:
                batch.answers.append((request, batch.add(request)))
                new[key] = request
        except PledgerError as error:
            batch.answers.append((request, error))
        if batch.erased or batch.has_parted:
            batch.left_over = requests[index + 1 :]
            break
    return batch


def ask(records: Records, judge: Judge, latest: datetime, fact: Fact, sender: Sender) -> Permission:
    """Judge a fact as if its sender were to have it enforced."""
    _read_ahead(records, [fact])
    findings = ledger.ask(Batch(records, judge, latest), fact, sender)
    return Permission(allowed=not findings, findings=findings)


def ask_elsewhere(records: Records, judge: Judge, latest: datetime, name: Subject) -> tuple[UUID, ...]:
    """Return the streams of others on which contact points of a person stand, and about which nothing is settled."""
    if name.kind != "id":
        records.find([name])
    return ledger.ask_elsewhere(Batch(records, judge, latest), name)


def _read_ahead(records: Records, facts: Iterable[Fact]) -> None:
    """Read what facts need of names and people in as few queries as there are kinds of them."""
    names: set[Subject] = set()
    digests: set[bytes] = set()
    for fact in facts:
        if isinstance(fact, CustomerFact):
            names.add(fact.subject)
            names.update(names_beside(fact))
            digests.update(map(records.keyring.contact, points_in(fact, records.addresses)))
    records.find_bindings(digests)
    known = records.names
    if not names <= known.keys():
        records.find(name for name in names if name.kind != "id")
    records.load({stream for name in names if (stream := known.get(name))})
    records.company()
