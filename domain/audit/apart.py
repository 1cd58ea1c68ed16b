"""What was permitted only by a link that was undone since, and so cannot be decided any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.audit.anew import read_anew
from domain.audit.follows import is_made
from domain.events.links import CustomersLinked
from domain.policy.attributed import AttributedBreach
from domain.policy.judge import NO_GROUND, ONLY_LINKED
from domain.policy.status import Status
from domain.policy.undecided import PERSON_ERASED
from domain.rules.common.addresses import is_tested
from domain.rules.common.base import Breach
from domain.rules.common.particulars import particulars

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from domain.audit.linked_records import LinkedRecords
    from domain.events import Event
    from domain.policy.judge import Judge
    from domain.records.customer import Customer
    from domain.rules.common.base import Case, Settled
    from domain.rules.common.by_kind import Rules


class Apart(NamedTuple):
    """A person's record without the links that were undone, and the position of the first unlink that undid one."""

    customer: Customer
    holders: tuple[Customer, ...]
    undone_by: tuple[int, ...]


def only_linked(
    judge: Judge, rules: Rules, judged: Case, breaches: Sequence[AttributedBreach], apart: Apart
) -> Iterator[AttributedBreach]:
    """Yield what cannot be decided of an event: it breaks a promise without a link by which it was permitted.

    So does what rests on nothing recorded without that link, if the promise was put to the test with it.
    """
    against = {one.promise for one in breaches}
    tested = {promise for promise, rule in rules if is_tested(judged, rule)}
    event = read_anew(judge, apart.customer, judged.company, judged.event)
    case = judge.case(apart.customer, judged.company, event, holders=apart.holders)
    for promise, breach, excused in judge.breaches_of(case, rules):
        is_known = promise in against or excused or (breach.code == NO_GROUND and promise not in tested)
        if not is_known:
            known = (*particulars(without_the_link=breach.code), *breach.particulars)
            without = Breach(ONLY_LINKED, apart.undone_by, breach.about, Status.INDETERMINATE, known)
            yield AttributedBreach(promise, without)


def apart_of(records: LinkedRecords, event: Event, own: int) -> Apart | None:
    """Return on what an event is judged again, since a link was undone that counts for it; None: on nothing."""
    undone_by = records.undone_by(event, own)
    # What the ledger made of a fact breaks no promise, and what a link showed stays.
    if undone_by is None or event.part or is_made(event) or isinstance(event, CustomersLinked):
        return None
    number = records.apart_from(own)
    return Apart(records.record(event, number), tuple(records.holders(event, number)), undone_by)


def undecided(settled: Settled) -> Settled:
    """Return what time would have decided, had the person not been erased when it was told."""
    known = (*particulars(told="after the erasure"), *settled.particulars)
    return settled._replace(status=Status.INDETERMINATE, code=PERSON_ERASED, particulars=known)
