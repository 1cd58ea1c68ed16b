"""Late facts: what is told of somebody after their erasure, about a time before it.

Such a fact is kept coded, on a stream of its own. A tombstone of each erased name says until when it was theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.contact_points import contacts_given, points_given, take_contacts
from domain.decide import decide, erased_late, forgotten
from domain.ending import end
from domain.events.customer import AgeLearned, CustomerOptedOut, ObjectionRaised
from domain.events.links import CustomersUnlinked, LinkProposed
from domain.facts.data import ErasureData
from domain.facts.name_data import LinkData, NameEndedData, UnlinkData
from domain.folding import fold, recall, state_of
from domain.lifting import bind
from domain.owed_points import owe_given, owe_point, settle
from domain.store import Handled
from domain.suppressed import Age, Objection, Suppression
from domain.vocabulary import LinkRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from domain.events import Event
    from domain.facts import CustomerFact, Fact
    from domain.state import State
    from domain.store import Sender, Store
    from domain.suppressed import Tombstone

_NAMES_OF_GUESTS: Final = ("order", "guest")


def tombstones_of(store: Store, fact: CustomerFact) -> Sequence[Tombstone]:
    """Return the tombstones of the person of a fact, if they had been erased when it was told.

    A fact belongs to the person who had the name at its time. A guest has no name that lasts, so a contact point that
    they gave counts as well. One that stands beside, in `also`, counts for nothing: anybody could type it.
    """
    subject = fact.subject
    if subject.kind == "id" or isinstance(fact.data, ErasureData):
        return ()
    own = store.left_of(subject, fact.time)
    if own or subject.kind not in _NAMES_OF_GUESTS:
        return own
    points = points_given(fact, store.addresses)
    return tuple(found for name in points for found in store.left_of(name, fact.time))


def told_late(store: Store, fact: CustomerFact, found: Sequence[Tombstone], sender: Sender) -> Handled:
    """Take in a fact about somebody who has been erased since: coded, on a stream of its own, which ends with it.

    What protects the person is owed as if it had been told before the erasure: to all of their names and contact
    points, and to everybody who came back under one of the names.
    """
    stream = store.open_forgotten()
    state = state_of(store, fact, store.person(stream), stream, sender.actor)
    given = contacts_given(store, state, fact, vouched=sender.vouches)
    take_contacts(store, state, fact, given)
    made: list[Event] = []
    decided: Iterable[Event]
    if isinstance(fact.data, LinkData):
        decided = (state.make(LinkProposed, because=LinkRefusal.ERASED),)
    elif isinstance(fact.data, UnlinkData):
        decided = (state.make(CustomersUnlinked, person=stream),)
    else:
        decided = () if isinstance(fact.data, NameEndedData) else decide(state, fact)
    fold(state, map(forgotten, decided), made)
    if isinstance(fact.data, NameEndedData):
        end(store, state, fact, made)
    owed = protects(made)
    if owed is not None:
        owed = owed._replace(source=0)  # Where a fact about the erased stands is forgotten, so nobody can annul it.
    for event in made:
        bind(store, state, event)
    if owed is not None and state.contact is not None:
        owe_given(store, state, owed, state.customer.contacts.points[state.stream, state.contact])
    fold(state, (erased_late(state, max(one.until for one in found)),), made)
    store.keep_forgotten(fact.subject, fact.time, found)
    if owed is not None:
        _owe(store, state, fact, found, owed, made)
    return Handled(stream, made, given.unread)


def _owe(  # noqa: PLR0913, PLR0917 - to whom what is owed, and where that is put on record
    store: Store, state: State, fact: Fact, found: Iterable[Tombstone], owed: Suppression, made: list[Event]
) -> None:
    """Let what an erased person is owed reach all that was theirs, and the people who have their names now."""
    returned: dict[UUID, None] = {}
    for left in store.left_with(dict.fromkeys(one.code for one in found)):
        if left.is_contact:
            owe_point(store, state, left, owed)
        else:
            returned |= dict.fromkeys(store.owe_left(left, owed))
    people = {store.person(stream).person: stream for stream in returned}  # Several names may lead to one of them.
    for stream in people.values():
        back = state_of(store, fact, store.person(stream), stream, str(state.envelope["actor"]))
        back.place, back.first = state.place, state.first
        fold(back, (recall(back, owed),), made)
        state.place = back.place
        settle(store, back, back.customer)


def protects(made: Iterable[Event]) -> Suppression | None:
    """Return what the events of a fact protect their person from, and since when."""
    for event in made:
        match event:
            case CustomerOptedOut():
                return Suppression(event.program, event.occurred_at, event.moment.position)
            case ObjectionRaised():
                return Suppression(Objection(event.purpose), event.occurred_at, event.moment.position)
            case AgeLearned():
                return Suppression(Age.UNDER_13, event.occurred_at, event.moment.position)
    return None
