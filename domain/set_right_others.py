"""What is shown of others who have an address is set right, where something that binds or lifts it came late.

It is set right as well where an officer annuls what bound the address: an enrollment that it had kept out follows from
then on, as if it had never bound anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.contact_points import other_holders
from domain.ending import side_of
from domain.events.customer import EntryCorrected
from domain.events.suppressions import SuppressionEnded
from domain.folding import fold
from domain.set_right import BEARING, set_right
from domain.vocabulary import HOLDERS_MOST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from domain.events import Event
    from domain.facts import Fact
    from domain.records import Customer
    from domain.state import State
    from domain.store import Store


def set_others_right(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Set right what is shown of others who have an address of a person, and of streams that were theirs only later."""
    if not any(isinstance(event, BEARING) for event in made):
        return
    is_annulled = any(type(event) is EntryCorrected and event.by_officer and event.entry for event in made)
    # What was passed on from what is annulled bound the addresses of others.
    streams = dict.fromkeys(event.originator_id for event in made if type(event) is SuppressionEnded)
    reached: dict[UUID, Customer] = {}
    for person in (state.customer, *map(store.person, streams)):
        reached |= _reached(store, state, person, is_annulled=is_annulled)
    for stream, other in reached.items():
        if is_annulled or (other.last_told is not None and other.last_told > state.time):
            side = side_of(store, state, fact, stream)
            fold(side, set_right(side, state.time), made)
            state.place = side.place


def _reached(store: Store, state: State, person: Customer, *, is_annulled: bool) -> Iterator[tuple[UUID, Customer]]:
    """Yield the others who have an address of a person that something binds, each with a stream of theirs.

    Where many have an address, nothing is shown of them anew but where what bound it was annulled.
    """
    bound = [point for point, bindings in person.contacts.bindings() if bindings]
    for point in bound:
        others = other_holders(store, person, point)
        if len(others) > HOLDERS_MOST and is_annulled:
            others = tuple(one for one in store.holders(point) if one.person != person.person)
        for one in others if len(others) <= HOLDERS_MOST or is_annulled else ():
            yield one.person, one
            yield from _apart(state, one.person, one)
    if bound:
        yield from _apart(state, state.stream, person)


def _apart(state: State, stream: UUID, person: Customer) -> Iterator[tuple[UUID, Customer]]:
    """Yield the streams that were joined to a person's only later than the fact."""
    for other in person.joins.apart_at(stream, state.time, person.streams):
        yield other, person
