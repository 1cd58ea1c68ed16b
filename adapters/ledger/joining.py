"""Which codes stand for one reference, when streams that have had keys of their own become one person's.

Promise: opens the references on the streams that are joined, compares them, and gives nothing away but pairs of codes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow

if TYPE_CHECKING:
    from adapters.ledger.plan import Plan
    from adapters.ledger.records import Person, Records


def same_codes(records: Records, plan: Plan, person: Person) -> tuple[tuple[str, str], ...]:
    """Give pairs of codes that stand for one reference: each code with the first, in their order, of its reference."""
    streams = list(person.customer.streams)
    stored = [EventRow(*row) for row in records.fetch("stream_events", streams=streams)]
    planned = [row for row in plan.rows if row.stream_id in person.customer.streams]
    codes: dict[str, set[str]] = defaultdict(set)
    for row in (*stored, *planned):
        key = person.keys.get(row.stream_id)
        event = to_event(row, key.dek) if key else None
        reference, code = getattr(event, "reference", None), getattr(event, "reference_code", None)
        if reference is not None and code is not None:
            codes[reference].add(person.customer.stands_for(code))
    return tuple((code, min(several)) for several in codes.values() for code in sorted(several) if code != min(several))
