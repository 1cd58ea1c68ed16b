"""Facts that are in the log already: found for a whole batch at once, and answered with their first result.

The same fact again changes nothing and gets the receipt that it got first; the same source and id with other content is
an error. The content is compared by a digest under the customer's own key, so once that customer has been erased there
is nothing left to compare with, and the first result stands.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.ledger.receipt import Receipt
from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow
from domain.decide import findings_of
from domain.errors import FactConflict
from domain.events import VISITOR, Refusal, event_class

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.keys.keyring import StreamKey
    from adapters.ledger.records import Records
    from domain.events import Event
    from domain.facts import Fact

FactKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A fact that is in the log: the digest of its content and the key of that digest, and what its first answer said.

    `key` is None once its customer has been erased; then nothing is left to compare with. `flagged` are those of its
    events that are refusals or have findings: the answer needs no others.
    """

    digest: bytes
    key: StreamKey | None
    position: int
    events: int
    flagged: list[Event]

    def answer(self, fact: Fact) -> Receipt:
        """Return the first result again, or raise `FactConflict` where this fact says something else."""
        if self.key is not None and self.key.content(fact.content()) != self.digest:
            raise other_content(fact)
        refused = any(isinstance(event, Refusal) for event in self.flagged)
        return Receipt(fact.name, self.position, self.events, findings_of(self.flagged), refused, repeated=True)


def find_repeats(records: Records, facts: Sequence[Fact]) -> dict[FactKey, Repeat]:
    """Find those of the facts that are in the log, with what is needed to answer each, in four queries at most."""
    asked = {"source": [fact.source for fact in facts], "fact_id": [fact.id for fact in facts]}
    known = records.fetch("known_facts", **asked)
    if not known:
        return {}
    keys = records.keys_of({stream for _, _, _, stream, *_ in known})
    # Only browsers and the erased have no key of their own, and a browser's facts can be compared.
    keyless = [last for _, _, _, stream, last, _, _ in known if stream not in keys]
    for stream, topic in records.fetch("topics_at", positions=keyless) if keyless else ():
        if event_class(topic).stream_kind == VISITOR:
            keys[stream] = records.keyring.visitor_facts
    first: dict[int, list[Event]] = defaultdict(list)
    spans = [(last - count, last) for *_, last, count, flagged in known if flagged]
    if spans:
        after, upto = zip(*spans, strict=True)
        for last, *row in records.fetch("events_with_findings", after=list(after), last=list(upto)):
            first[last].append(to_event(EventRow(*row)))
    return {
        (source, fact_id): Repeat(digest, keys.get(stream), last, count, first[last])
        for source, fact_id, digest, stream, last, count, _ in known
    }


def other_content(fact: Fact) -> FactConflict:
    """Return the error of a fact whose source and id are taken by one that says something else."""
    return FactConflict(
        f"The fact {fact.name} was not stored.",
        "a fact of this source and id is there already, and says something else.",
        "Give a new fact a new id; correct an entry with an entry_correction that cites it.",
    )
