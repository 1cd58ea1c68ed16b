"""Late facts: what is told of somebody after their erasure, about a time before it.

Such a fact is kept coded, on a stream of its own. A tombstone of each erased name says until when it was theirs.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from domain.contact_points import contacts_given, points_given, take_contacts
from domain.decide import decide, erased_late, forgotten
from domain.ending import end
from domain.events.customer import CustomerEnrolled, DataCollected, OrderCancelled
from domain.events.links import CustomersUnlinked, LinkProposed
from domain.events.suppressions import EntrySetAside
from domain.facts.data import (
    AgeData,
    CollectionData,
    EnrollmentData,
    ErasureData,
    MessageData,
    ObjectionData,
    OptOutData,
    OrderData,
    UseData,
)
from domain.facts.fields import CONTACT_KINDS
from domain.facts.name_data import LinkData, NameEndedData, UnlinkData
from domain.folding import fold, owe, state_of
from domain.lifting import bind
from domain.owed_points import owe_given, stands_on_living
from domain.parted_protection import cancel_parted, owe_erased, protect_parted_from, protects, still_owed
from domain.store import Handled
from domain.suppressed import Age
from domain.vocabulary import LinkRefusal

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from domain.events import Event
    from domain.facts import CustomerFact, Fact
    from domain.facts.fields import Subject
    from domain.state import State
    from domain.store import Sender, Store
    from domain.suppressed import Suppressed, Suppression, Tombstone

_PERMITTING: Final = (DataCollected, CustomerEnrolled)
_PROTECTING: Final = frozenset({AgeData, ObjectionData, OptOutData})
_DONE_BY_THE_COMPANY: Final = (CollectionData, EnrollmentData, MessageData, UseData)
_since: Final = attrgetter("since")
_NAMES_OF_GUESTS: Final = ("order", "guest")


def tombstones_of(store: Store, fact: CustomerFact) -> Sequence[Tombstone]:
    """Return the tombstones of the person of a fact, if they had been erased when it was told.

    A fact belongs to the person who had the name at its time. A guest has no name that lasts, so a contact point that
    they gave counts as well. One that stands beside, in `also`, counts for nothing: anybody could type it.
    """
    subject = fact.subject
    if subject.kind == "id" or type(fact.data) is ErasureData:
        return ()
    as_told = store.as_told(fact)
    if as_told is not None:
        return as_told.left  # Whom a name led to goes by telling.
    own = store.left_of(subject, fact.time)
    if own and subject.kind in CONTACT_KINDS and type(fact.data) not in _PROTECTING:
        # Who lives has the address as well: what was sent there is theirs. What protects reaches both. What was told
        # under an address that was itself the erased person's name is theirs, also if somebody else has it now.
        point = store.point(subject)
        return tuple(left for left in own if _names(left) or not stands_on_living(store, point, left))
    if own or subject.kind not in _NAMES_OF_GUESTS:
        return own
    points = points_given(fact, store.addresses)
    # Also where an address was the name that the erased person had, it only stands in what somebody else is told by.
    return tuple(found._replace(is_typed=True) for name in points for found in store.left_of(name, fact.time))


def _names(left: Tombstone) -> bool:
    """Return whether a tombstone is of a name under which its person was known."""
    return not left.is_contact and not left.is_typed


def told_late(store: Store, fact: CustomerFact, found: Sequence[Tombstone], sender: Sender) -> Handled:
    """Take in a fact about somebody who has been erased since: coded, on a stream of its own, which ends with it.

    What protects the person is owed as if it had been told before the erasure: to all of their names and contact
    points, and to everybody who came back under one of the names.
    """
    stream = store.open_forgotten(fact)
    state = state_of(store, fact, store.person(stream), stream, sender.actor)
    given = contacts_given(store, state, fact, vouched=sender.vouches)
    take_contacts(store, state, fact, given)
    made: list[Event] = []
    decided: Iterable[Event]
    fold(state, (owe(state, one) for one in _owed_then(store, fact, found)), made)
    if isinstance(fact.data, LinkData):
        decided = (state.make(LinkProposed, because=LinkRefusal.ERASED),)
    elif isinstance(fact.data, UnlinkData):
        decided = (state.make(CustomersUnlinked, person=stream),)
    else:
        decided = () if isinstance(fact.data, NameEndedData) else decide(state, fact)
    fold(state, map(forgotten, decided), made)
    if isinstance(fact.data, NameEndedData):
        end(store, state, fact, made)
    _set_aside(store, state, fact, found, made)
    owed = protects(made)
    if owed is not None:
        owed = owed._replace(source=0)  # Where a fact about the erased stands is forgotten, so nobody can annul it.
    for event in made:
        bind(store, state, event)
    if owed is not None and state.contact is not None:
        owe_given(store, state, owed, state.customer.contacts.points[state.stream, state.contact])
    fold(state, (erased_late(state, max(one.until for one in found)),), made)
    may_permit = any(isinstance(event, _PERMITTING) for event in made)
    store.keep_forgotten(fact.subject, fact.time, found, may_permit=may_permit)
    codes = dict.fromkeys(one.code for one in found)
    if owed is not None:
        # With which address they asked anew is forgotten.
        still = codes if state.contact is not None else still_owed(store, state, found, owed)
        reached = _reached(store, fact, store.left_with(still))
        owe_erased(store, state, fact, reached, owed, made)
        protect_parted_from(store, state, fact, codes, owed, made)
    elif isinstance(fact.data, OrderData) and any(isinstance(event, OrderCancelled) for event in made):
        cancel_parted(store, state, fact, codes, made)
    return Handled(stream, made, given.unread, left=tuple(found))


def _reached(store: Store, fact: CustomerFact, left: Iterable[Tombstone]) -> Iterator[Tombstone]:
    """Yield the tombstones of those whom what protects an erased person reaches, of what is left of them.

    A name that only a typed contact point says to be theirs may be another's: it is owed what is told under it alone.
    """
    own = {one.key for one in store.left_of(fact.subject, fact.time)}
    return (one for one in left if not one.is_typed or one.key in own)


def set_aside_before(store: Store, state: State, name: Subject) -> Iterator[Event]:
    """Yield, for a new record, that what was told under its name before is kept as that of somebody erased."""
    # Under an address nobody asks for anything, so nothing that was told of it permits anything.
    at = None if name.kind in CONTACT_KINDS else store.set_aside(name, state.time)
    if at is not None:
        yield state.make(EntrySetAside, at=at)


def _owed_then(store: Store, fact: CustomerFact, found: Iterable[Tombstone]) -> Iterator[Suppression]:
    """Yield what the erased person was owed when the company did what is told late of them.

    What only a contact point that was typed says to be theirs may be another's. Of an address that several of the
    erased had, only what was owed to each of them is sure.
    """
    if not isinstance(fact.data, _DONE_BY_THE_COMPANY):
        return
    if (told := store.as_told(fact)) is not None:
        yield from told.owed
        return
    if fact.subject.kind not in CONTACT_KINDS:
        is_theirs = any(not one.is_contact and not one.is_typed for one in found)
        owed = list(store.suppressed(fact.subject, fact.time)) if is_theirs else []
    else:
        of_each = [_owed_to_all_names(store, code) for code in dict.fromkeys(one.code for one in found)]
        known_to_all = (what for what in of_each[0] if all(what in known for known in of_each))
        owed = [max((known[what] for known in of_each), key=_since) for what in known_to_all]
    concerns_age = isinstance(fact.data, CollectionData)  # Nobody collects against an opt-out.
    for one in owed:
        if one.since <= fact.time and one.ended is None and isinstance(one.what, Age) is concerns_age:
            yield one


def _owed_to_all_names(store: Store, code: Hashable) -> dict[Suppressed, Suppression]:
    """Return what is owed to the names of one erased person."""
    names = (one for one in store.left_with([code]) if not one.is_contact and not one.is_typed)
    return {owed.what: owed for one in names for owed in store.owed_to(one)}


def _set_aside(store: Store, state: State, fact: Fact, found: Iterable[Tombstone], made: list[Event]) -> None:
    """Put on record of whom the name of a fact leads to that it is kept as an erased person's, if it can permit.

    A contact point in it says so, and the name may be another's.
    """
    is_by_point = all(one.is_contact or one.is_typed for one in found)
    stream = store.stream_of(fact.subject, fact.time) if fact.subject and is_by_point else None
    if stream is None or not any(isinstance(event, _PERMITTING) for event in made):
        return
    side = state_of(store, fact, store.person(stream), stream, str(state.envelope["actor"]))
    side.place, side.first = state.place, state.first
    fold(side, (side.make(EntrySetAside),), made)
    state.place = side.place
