"""Reading an event anew: what it relies on, by all that had happened by its time, whenever that was told.

What an event relied on is stored as it was known when it was told. An audit works it out again where anything came
late (wire contract, "One history, one verdict").
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from domain.events.customer import CustomerEnrolled, DataUsed, MessageSent
from domain.grounds import collection_behind, collection_cited
from domain.records.uncorrected import standing
from domain.rules.common.programs import marketing_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.events import Event
    from domain.policy.judge import Judge
    from domain.records.company import Company
    from domain.records.contacts import ContactBook
    from domain.records.customer import Customer


def came_late(events: Sequence[Event], book: ContactBook) -> bool:
    """Return whether anything was told after something that happened later.

    The events are in order of time. What binds the contact points of their streams counts as well.
    """
    if any(one.moment.position > other.moment.position for one, other in pairwise(events)):
        return True
    if not book.bound:
        return False
    streams = {event.originator_id for event in events}
    keys = {point.key for (stream, _), point in book.points.items() if stream in streams}
    bound = [one.moment for key in keys for one in book.bound.get(key, ())]
    in_time = sorted([*bound, *(event.moment for event in events)])
    return any(one.position > other.position for one, other in pairwise(in_time))


def read_anew(judge: Judge, person: Customer, company: Company, event: Event) -> Event:
    """Return an event with what it relies on by the record up to its own moment."""
    if isinstance(event, CustomerEnrolled) and not event.follows:
        held = collection_behind(person, event, event.moment)
        return _relying(event, (held.position,) if held else ())
    if not isinstance(event, DataUsed | MessageSent):
        return event
    if event.value_cited is not None:
        held = collection_cited(person, event.value_cited, event.moment)
        event = event.model_copy(update={"value_from": held.position if held else None})
    program = marketing_program(event) if isinstance(event, MessageSent) else None
    if program is None:
        return _relying(event, judge.choose_grounds(judge.case(person, company, event)))
    enrolled = standing(person, event.moment).enrollment(program, event.moment)
    return _relying(event, (enrolled.position,) if enrolled else ())


def _relying(event: CustomerEnrolled | DataUsed | MessageSent, relies_on: tuple[int, ...]) -> Event:
    return event if event.relies_on == relies_on else event.model_copy(update={"relies_on": relies_on})
