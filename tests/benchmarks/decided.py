"""What the ledger makes of a workload's facts, worked out without a ledger, for the side of the eventsourcing library.

The events are those of an audit of a trace: the same decisions, in memory. A trace decides in order of time, so the
versions of a stream are counted anew in the order in which the facts are delivered.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

from adapters.bootstrap import DEFAULT_POLICY, read_policy
from domain.audit.trace import Line, replay
from domain.commands import parse_fact

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.events import Event
    from tests.benchmarks.workload import Workload


class Decided(NamedTuple):
    """One event: its kind, stream, version and time, and what it says, in clear."""

    kind: str
    stream: UUID
    version: int
    at: datetime
    fields: dict[str, Any]


def decided(workload: Workload, label: str, count: int) -> Iterator[list[Decided]]:
    """Yield the events of each of the label's facts."""
    opening = workload.company_facts()
    facts = chain(map(parse_fact, opening), map(parse_fact, workload.facts(label, count)))
    history = replay([Line(number, fact) for number, fact in enumerate(facts)], read_policy(DEFAULT_POLICY)[1])
    events = [*history.of_company, *chain(*history.of_people), *chain(*history.of_visitors)]
    versions: Counter[UUID] = Counter()
    for line, made in groupby(sorted(events, key=_position), lambda event: _position(event) >> 20):
        # The company's stream is the label's own too: the library would not resolve a conflict of two writers.
        told = [_told(event, uuid5(event.originator_id, label), versions) for event in made]
        if line >= len(opening):
            yield told


def _position(event: Event) -> int:
    assert event.position is not None, "a trace gives every event a place"
    return event.position - 1  # Places are counted from one.


def _told(event: Event, stream: UUID, versions: Counter[UUID]) -> Decided:
    versions[stream] += 1
    fields = json.loads(event.facts_json()) | event.sealed_values()
    # A digest of the reference is there only because the reference itself is sealed.
    fields.pop("reference_code", None)
    envelope = {"actor": event.source, "source": event.source, "fact_id": event.fact_id, "policy": event.policy}
    return Decided(type(event).__name__, stream, versions[stream], event.occurred_at, envelope | fields)
