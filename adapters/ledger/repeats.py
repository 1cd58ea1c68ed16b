"""Facts that are in the log already: found for a whole batch at once, and answered with their first result.

The same fact again changes nothing and gets the receipt that it got first. The same source and id with other content,
or about somebody else, is an error, however long ago it was. Where its events stand is forgotten with its customer;
what it said is not, as a digest, so that a name for facts that is used again swallows nobody's opt-out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from adapters.ledger.receipt import Receipt
from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow
from domain.decide import findings_of
from domain.elsewhere import reach_of
from domain.errors import FactConflict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from adapters.keys.keyring import Keyring
    from adapters.ledger.records import Records
    from domain.events import Event
    from domain.facts import Fact

FactKey = tuple[str, str]


class FactRow(NamedTuple):
    """A fact in the tables of facts: digests, and its place; `place` counts the batch's events.

    `flagged`: one of its events has findings, or left something out.
    """

    fact: bytes
    content: bytes
    stream_id: UUID
    place: int
    events: int
    flagged: bool


@dataclass(frozen=True, slots=True)
class Repeat:
    """A fact that is in the log: the digest of its content, and where its events end.

    `flagged` are those of its events that are refusals, have findings or left something out. `position` and `events`
    are 0 once its customer has been erased.
    """

    keyring: Keyring
    digest: bytes
    position: int
    events: int
    flagged: Sequence[Event]

    def answer(self, fact: Fact) -> Receipt:
        """Return the first result again, or raise `FactConflict` where this fact says something else."""
        refused = self.keyring.was_refused(fact.content(), self.digest)
        if refused is None:
            raise FactConflict
        findings, reach = findings_of(self.flagged), reach_of(self.flagged)
        return Receipt(fact.name, self.position, self.events, findings, refused, repeated=True, reach=reach)


def find_repeats(records: Records, facts: Sequence[Fact]) -> dict[FactKey, Repeat]:
    """Find those of the facts that are in the log, with what is needed to answer each, in two queries at most."""
    keyring = records.keyring
    keys = {keyring.fact(fact.name): fact.key for fact in facts}
    known = records.fetch("known_facts", facts=list(keys))
    first: dict[int, list[Event]] = defaultdict(list)
    spans = [(last - count, last) for *_, last, count, flagged in known if flagged]
    if spans:
        after, upto = zip(*spans, strict=True)
        for last, *row in records.fetch("events_with_findings", after=list(after), last=list(upto)):
            first[last].append(to_event(EventRow(*row)))
    return {
        keys[digest]: Repeat(keyring, content, last or 0, count or 0, first[last])
        for digest, content, _, last, count, _ in known
    }


def fact_at(records: Records, source: str, fact_id: str) -> tuple[UUID, int] | None:
    """Return the stream that a fact in the log went to, with the position of its first event; None: it is not there."""
    known = records.fetch("known_facts", facts=[records.keyring.fact(f"{source} {fact_id}")])
    return next(((stream, last - count + 1) for _, _, stream, last, count, _ in known if stream is not None), None)
