"""What the ledger makes of a workload's facts, worked out without a ledger, for the side of the eventsourcing library.

The ledger's core handles the facts over a store in memory: the same decisions, in the same order.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

from adapters.bootstrap import DEFAULT_POLICY, read_policy
from adapters.contract import OWN, parse_fact
from domain import ledger
from domain.audit.trace import MemoryStore
from domain.policy.judge import Judge
from domain.records.customer import LAST
from domain.store import Sender

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
    store = MemoryStore(Judge(read_policy(DEFAULT_POLICY)[1]), LAST.at, OWN.addresses)
    opening = len(workload.company_facts())
    facts = chain(map(parse_fact, workload.company_facts()), map(parse_fact, workload.facts(label, count)))
    for number, fact in enumerate(facts):
        events = ledger.handle(store, fact, Sender(vouches=True)).events
        store.place += len(events)
        # The company's stream is the label's own too: the library would not resolve a conflict of two writers.
        if number >= opening:
            yield [_told(event, uuid5(event.originator_id, label)) for event in events]


def _told(event: Event, stream: UUID) -> Decided:
    fields = json.loads(event.data_json()) | event.sealed_values()
    # A digest of the reference is there only because the reference itself is sealed.
    fields.pop("reference_code", None)
    envelope = {"actor": event.source, "source": event.source, "fact_id": event.fact_id, "policy": event.policy}
    return Decided(type(event).__name__, stream, event.originator_version, event.occurred_at, envelope | fields)
