"""What a fact says of contact points: which it gives, which one it is about, and what binds them from then on.

Contact points match and lead to nobody: an opt-out that is told of an address reaches everybody who has the address,
and who types a stranger's address gets nothing of the stranger's (wire contract, "Who is meant").
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.errors import PledgerError
from domain.events.customer import CustomerEvent, CustomerOptedOut, MessageSent
from domain.events.links import ContactConfirmed
from domain.facts.contact_values import contacts_in
from domain.facts.data import CollectionData, CorrectionData, CustomerData, MessageData, OptOutData
from domain.facts.fields import CONTACT_KINDS, Subject, VerifiedName
from domain.facts.name_data import ConfirmationData, LinkData, LinkRejectionData, NameEndedData, UnlinkData
from domain.records.contacts import KIND_OF_PROGRAM
from domain.returned import held_before
from domain.vocabulary import HOLDERS_MOST, Act, OptOutVia, Teller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from uuid import UUID

    from domain.events import Event
    from domain.facts import CustomerFact
    from domain.facts.addresses import Addresses
    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.state import State
    from domain.store import Store

_ABOUT_ONE: Final = frozenset({ConfirmationData, MessageData, OptOutData})
_HOLDING: Final = frozenset({CollectionData, CorrectionData, NameEndedData, *_ABOUT_ONE})
"""The shapes of facts that can hold a contact point beside their subject and `also`."""
_NAMING: Final = frozenset({LinkData, LinkRejectionData, NameEndedData, UnlinkData})
"""The shapes of facts that name somebody beside their subject."""
_NAMES_ONE: Final = (ContactConfirmed, CustomerOptedOut, MessageSent)


class NotVouched(PledgerError):
    """A sender spoke for the one who has a contact point, and may not vouch for who that is."""

    code = "not_vouched"


class Given(NamedTuple):
    """The contact points of a fact, as ordinals of its stream: those that it gives, and the one that it is about."""

    named: tuple[int, ...] = ()
    about: int | None = None
    unread: tuple[str, ...] = ()
    """The categories among its values that hold something else than one address or number."""
    is_all: bool = True
    """Whether none was left out, since nobody vouched for whose they are."""


NOTHING_GIVEN: Final = Given()


class Link(NamedTuple):
    """Two names that a fact says are one person's; `is_fact`: that is all that the fact says."""

    subject: Subject
    name: Subject
    method: str
    evidence: str | None
    is_fact: bool


def check_needs_no_voucher(store: Store, fact: CustomerFact) -> None:
    """Raise `NotVouched` where a fact takes somebody who has verified whom it is about.

    A record that contact points alone lead to is a contact point's, by whatever name it is meant.
    """
    data, subject = fact.data, fact.subject
    if data.told_by is Teller.VOUCHER_ALWAYS:
        raise NotVouched(
            "The fact was not stored.",
            "it says that a contact point answered, and its sender may not vouch for that.",
            "Send it with a key that has the grant vouch.",
        )
    if data.told_by is Teller.VOUCHER and _is_contacts(store, fact, subject):
        raise NotVouched(
            "The fact was not stored.",
            f"it says, answers or settles something for who has this {_WORDS[subject.kind]}, and its sender may "
            "not vouch that this is the person whom it concerns.",
            "Name the person by the company's own number, or by guest:… for somebody without one; put the address "
            "among the values or into also. A key with the grant vouch may use it as the subject.",
        )


_WORDS: Final[Mapping[str, str]] = {"email": "e-mail address", "phone": "telephone number", "id": "record"}


def _is_contacts(store: Store, fact: CustomerFact, subject: Subject) -> bool:
    """Return whether nothing but contact points leads to the record that a name means."""
    if subject.kind != "id":
        return subject.kind in CONTACT_KINDS
    stream = store.stream_of(subject, fact.time)
    kinds = set(store.person(stream).opened_as.values()) if stream is not None else set()
    return bool(kinds) and kinds <= set(CONTACT_KINDS)


def links_in(fact: CustomerFact) -> tuple[Link, ...]:
    """Return the links that a fact states."""
    data = fact.data
    if not data.also and type(data) is not LinkData:
        return ()
    links = [
        Link(fact.subject, one.name, one.verified, one.evidence, is_fact=False)
        for one in data.also
        if isinstance(one, VerifiedName)
    ]
    if isinstance(data, LinkData):
        links.append(Link(fact.subject, data.with_, data.verified, data.evidence, is_fact=True))
    return tuple(links)


def names_beside(fact: CustomerFact) -> tuple[Subject, ...]:
    """Return the names of a fact beside its subject: of the same person, of another one, or of nobody any more."""
    data = fact.data
    if not data.also and type(data) not in _NAMING:
        return ()
    named = tuple(link.name for link in links_in(fact))
    if isinstance(data, LinkRejectionData | UnlinkData):
        return (*named, data.with_)
    return (*named, data.name) if isinstance(data, NameEndedData) else named


def points_given(fact: CustomerFact, addresses: Addresses) -> Iterator[Subject]:
    """Yield the contact points that a fact collects or is about, and none that only stands beside."""
    data, subject = fact.data, fact.subject
    if _holds_none(data, subject):
        return
    if values := _values_of(data):
        yield from contacts_in(values, addresses).points.values()
    about = data.name if isinstance(data, NameEndedData) else _said_about(data)
    yield from (one for one in (subject, about) if one is not None and one.kind in CONTACT_KINDS)


def points_in(fact: CustomerFact, addresses: Addresses) -> Iterator[Subject]:
    """Yield every contact point that a fact names in any way."""
    yield from points_given(fact, addresses)
    yield from (one for one in fact.data.also if isinstance(one, Subject) and one.kind in CONTACT_KINDS)


def contacts_given(store: Store, state: State, fact: CustomerFact, *, vouched: bool, keeps: bool = True) -> Given:
    """Return the contact points of a fact, and let the record have an ordinal for each, which the store `keeps`.

    Those of `also` are left out under a contact point whose holder nobody `vouched` for: anybody could type them.
    """
    data, subject = fact.data, fact.subject
    if _holds_none(data, subject):
        return NOTHING_GIVEN
    points: list[Subject] = []
    unread: list[str] = []
    values = _values_of(data)
    if values and not _is_withheld(state, data):
        found = contacts_in(values, store.addresses)
        points += found.points.values()
        unread += found.unread
    beside = [one for one in data.also if isinstance(one, Subject)]
    is_taken = vouched or subject.kind not in CONTACT_KINDS
    points += beside if is_taken else ()
    if subject.kind in CONTACT_KINDS:
        points.append(subject)
    ordinal = partial(_ordinal, store, state, keeps=keeps)
    named = tuple(ordinal(point) for point in dict.fromkeys(points))
    return Given(named, _about(state, data, subject, ordinal), tuple(unread), is_taken or not beside)


def take_contacts(store: Store, state: State, fact: CustomerFact, given: Given) -> None:
    """Let a state know the contact points of its fact, and who else has the one under which a message was told."""
    if given is NOTHING_GIVEN:
        return
    state.contacts, state.contact, state.unread = given.named, given.about, given.unread
    subject = fact.subject
    if isinstance(fact.data, CollectionData) and not state.customer.is_late:
        state.held_before = held_before(store, state, subject)
    if isinstance(fact.data, MessageData) and subject.kind in CONTACT_KINDS:
        assert given.about is not None, "a message under a contact point is about it"
        state.holders = other_holders(store, state.customer, state.customer.contacts.points[state.stream, given.about])


def other_holders(store: Store, person: Customer, point: Point) -> tuple[Customer, ...]:
    """Return the other people who have a contact point: all of them, or `HOLDERS_MOST` and some more."""
    several = list(store.holders(point, HOLDERS_MOST + 2))
    others = _others(several, person)
    if len(others) <= HOLDERS_MOST < len(several):  # Several streams are one person's.
        others = _others(store.holders(point), person)
    return others


def _others(people: Iterable[Customer], person: Customer) -> tuple[Customer, ...]:
    return tuple({id(one): one for one in people if one.person != person.person}.values())


def _ordinal(store: Store, state: State, name: Subject, *, keeps: bool) -> int:
    return ordinal_on(store, state.customer, state.stream, name, keeps=keeps)


def ordinal_on(store: Store, person: Customer, stream: UUID, name: Subject, *, keeps: bool) -> int:
    """Return the ordinal of a contact point on a stream, a new one for one that it does not have yet."""
    point, points, last = store.point(name), person.contacts.points, 0
    for (one, ordinal), known in points.items():
        if one == stream:
            if known == point:
                return ordinal
            last = max(last, ordinal)
    points[stream, last + 1] = point
    if keeps:
        store.keep_contact(stream, last + 1, name)
    return last + 1


def _about(state: State, data: CustomerData, subject: Subject, ordinal: Callable[[Subject], int]) -> int | None:
    """Return the ordinal of the contact point that a message went to, that an opt-out names, or that answered."""
    if type(data) not in _ABOUT_ONE:
        return None
    name = _said_about(data) or (subject if subject.kind in CONTACT_KINDS else None)
    if name is not None:
        return ordinal(name)
    if isinstance(data, OptOutData) and data.via is OptOutVia.UNSUBSCRIBE_LINK:
        return state.customer.contacts.current_ordinal(KIND_OF_PROGRAM[data.program], state.stream, state.now)
    return None


def ordinals_named(events: Iterable[Event]) -> set[tuple[UUID, int]]:
    """Return the contact points that events name, each as an ordinal of a stream; a refusal names none."""
    return {
        (event.originator_id, ordinal)
        for event in events
        if isinstance(event, CustomerEvent)
        for ordinal in (*event.contacts, event.contact if isinstance(event, _NAMES_ONE) else None)
        if ordinal is not None
    }


def _said_about(data: CustomerData) -> Subject | None:
    """Return the contact point that a fact's data says it is about."""
    if isinstance(data, ConfirmationData):
        return data.contact
    return data.to if isinstance(data, MessageData | OptOutData) else None


def _is_withheld(state: State, data: CustomerData) -> bool:
    is_gift = isinstance(data, CollectionData) and data.act is Act.GIFT
    return not is_gift and state.gives_child


def _holds_none(data: CustomerData, subject: Subject) -> bool:
    """Return whether a fact can hold no contact point, as most facts cannot."""
    return type(data) not in _HOLDING and not data.also and subject.kind not in CONTACT_KINDS


def _values_of(data: CustomerData) -> Mapping[str, str | None]:
    """Return the values of a fact, by category."""
    if isinstance(data, CollectionData):
        return data.values
    return {data.category: data.value} if isinstance(data, CorrectionData) else {}
