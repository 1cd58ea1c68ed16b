"""Which links stand: a link of two streams counts for nothing once somebody who was told later parted them.

What two records hold cannot be told apart once they were joined, so records are folded anew from the events, with the
links left out that were undone.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.records.customer_fold import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from domain.events import Event
    from domain.records.customer import Customer


def without_undone(events: Iterable[Event], undone_by: Iterable[Event] | None = None) -> list[Event]:
    """Return events with each link left to those streams that nobody parted later, in the order of telling.

    Only what is told in `undone_by` counts; without it, all events do. A link that joins nobody any more still stands
    on its stream, and names nobody.
    """
    events = list(events)
    parted: dict[tuple[UUID, UUID], int] = {}
    for event in events if undone_by is None else undone_by:
        if isinstance(event, CustomersUnlinked):
            for other in event.others:
                pair, told = (event.originator_id, other), event.moment.position
                parted[pair] = max(told, parted.get(pair, told))
    return [_left(event, parted) if parted and isinstance(event, CustomersLinked) else event for event in events]


def fold_anew(events: Iterable[Event], records: dict[UUID, Customer]) -> dict[UUID, Customer]:
    """Fold events into the empty records of their streams; return the record of each, which linked ones share."""
    found = dict(records)
    for event in sorted(without_undone(events), key=attrgetter("moment.position")):
        record = found[event.originator_id]
        others = event.others if isinstance(event, CustomersLinked) else ()
        joined = [found[other] for other in others if other in found]
        evolve(record, event, joined=joined)
        found |= {stream: record for one in joined for stream in one.streams}
    return found


def linked_streams(pairs: Iterable[tuple[UUID, Sequence[UUID]]]) -> dict[UUID, frozenset[UUID]]:
    """Return all streams of the person of each stream, from the links that stand: each a stream, with the others."""
    joined: dict[UUID, set[UUID]] = {}
    for stream, others in pairs:
        person = {stream, *others}
        for each in list(person):
            person |= joined.get(each, set())
        for each in person:
            joined[each] = person
    return {stream: frozenset(person) for stream, person in joined.items()}


def _left(link: CustomersLinked, parted: dict[tuple[UUID, UUID], int]) -> Event:
    """Return what is left of a link."""
    own, told = link.originator_id, link.moment.position
    others = tuple(other for other in link.others if parted.get((own, other), told) <= told)
    if others == link.others:
        return link
    person = min((own, *others), key=str)
    same_codes = link.same_codes if others else ()
    # Whom a stream joined that left since, they stay together.
    is_whole = set(link.direct) <= set(others) and not link.follows
    direct = link.direct if is_whole else others
    left = {"others": others, "direct": direct, "person": person, "same_codes": same_codes}
    return link.model_copy(update=left)
