"""Late facts: what is told of somebody after their erasure, about a time before it.

Such a fact is kept coded, on a stream of its own. A tombstone of each erased name says until when it was theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.contact_points import contacts_given, points_in, take_contacts
from domain.decide import decide, erased_late, forgotten
from domain.ending import end
from domain.events import Moment
from domain.events.customer import AgeLearned, CustomerOptedOut, ObjectionRaised
from domain.events.links import CustomersUnlinked, LinkProposed
from domain.facts.data import ErasureData
from domain.facts.name_data import LinkData, NameEndedData, UnlinkData
from domain.folding import fold, recall, state_of
from domain.lifting import bind
from domain.records.bindings import Binding
from domain.records.contacts import binds
from domain.store import Handled, Suppression
from domain.suppressed import Age, Objection
from domain.times import next_instant
from domain.vocabulary import LinkRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event
    from domain.facts import Fact
    from domain.state import State
    from domain.store import Sender, Store

_NAMES_OF_GUESTS: Final = ("order", "guest")


def gone_until(store: Store, fact: Fact) -> datetime | None:
    """Return until when the person of a fact was on record, if they had been erased when it was told; else None.

    A fact belongs to the person who had the name at its time. A guest has no name that lasts, so a contact point
    counts as well.
    """
    subject = fact.subject
    if subject is None or subject.kind == "id" or isinstance(fact.data, ErasureData):
        return None
    names = [subject]
    if subject.kind in _NAMES_OF_GUESTS:
        names += points_in(fact, store.addresses)
    found = [until for name in names if (until := store.gone_until(name, fact.time)) is not None]
    return max(found, default=None)


def told_late(store: Store, fact: Fact, until: datetime, sender: Sender) -> Handled:
    """Take in a fact about somebody who has been erased since: coded, on a stream of its own, which ends with it.

    What protects the person is owed as if it had been told before the erasure: to their names, and to whoever came
    back under one.
    """
    assert fact.subject is not None, "only facts about customers have tombstones"
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
    if owed is not None:
        _bind_points(store, state, owed)
    fold(state, (erased_late(state, until),), made)
    store.keep_forgotten(fact.subject, fact.time, until, owed)
    for returned in dict.fromkeys(_returned(store, fact)):
        if owed is None:
            break
        back = state_of(store, fact, store.person(returned), returned, sender.actor)
        back.place, back.first = state.place, state.first
        fold(back, (recall(back, owed),), made)
        state.place = back.place
    return Handled(stream, made, given.unread)


def _returned(store: Store, fact: Fact) -> Iterator[UUID]:
    """Yield the streams of those who have the name of an erased person: again, and since that person gave it up."""
    name = fact.subject
    assert name is not None, "only facts about customers have tombstones"
    end_of = store.ends(name, fact.time)
    for at in (fact.time, *((next_instant(end_of),) if end_of else ())):
        if (stream := store.stream_of(name, at)) is not None:
            yield stream


def _bind_points(store: Store, state: State, owed: Suppression) -> None:
    """Let what an erased person is owed bind the contact points of a fact that no living record holds."""
    if isinstance(owed.what, Age):
        return
    moment = Moment(owed.since, state.place)
    for ordinal in state.contacts:
        point = state.customer.contacts.points[state.stream, ordinal]
        is_held = any(not one.erased for one in store.holders(point) if one is not state.customer)
        if not is_held and not binds(store.bound.get(point.key, []), owed.what, moment):
            store.bind(point, Binding(owed.what, moment, is_out=True))


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
