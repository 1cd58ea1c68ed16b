"""What is shown of others who have an address is set right, where something that binds or lifts it came late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.contact_points import other_holders
from domain.ending import side_of
from domain.folding import fold
from domain.set_right import BEARING, set_right
from domain.vocabulary import HOLDERS_MOST

if TYPE_CHECKING:
    from uuid import UUID

    from domain.events import Event
    from domain.facts import Fact
    from domain.records import Customer
    from domain.state import State
    from domain.store import Store


def set_others_right(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Set right what is shown of others who have an address of a person, and of streams that were theirs only later."""
    person, contacts = state.customer, state.customer.contacts
    if not contacts.bound or not any(isinstance(event, BEARING) for event in made):
        return
    bound = [point for point in dict.fromkeys(contacts.points.values()) if contacts.bound.get(point.key)]
    people: dict[UUID, Customer] = {}
    for point in bound:
        others = other_holders(store, person, point)
        people |= {one.person: one for one in others if len(others) <= HOLDERS_MOST}
    if bound:
        people |= dict.fromkeys(person.joins.apart_at(state.stream, state.time, person.streams), person)
    for stream, other in people.items():
        if other.last_told is not None and other.last_told > state.time:
            side = side_of(store, state, fact, stream)
            fold(side, set_right(side, state.time), made)
            state.place = side.place
