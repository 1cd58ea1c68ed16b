"""Links: two streams turn out to be one person's, or it is put on record why they are not."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from domain.contact_points import contacts_given, ordinal_on, take_contacts
from domain.decide import NEVER_REFUSED, objections_to, react
from domain.ending import waiting_end
from domain.errors import MalformedFact, Problem
from domain.events.links import CustomersLinked, LinkProposed, LinkRejected
from domain.facts.fields import CONTACT_KINDS, VerifiedName
from domain.facts.name_data import LinkData, LinkRejectionData, UnlinkData
from domain.folding import fold, opened, recalled
from domain.lifting import lift_all
from domain.moments import Turn
from domain.set_right import set_right
from domain.state import AsTold
from domain.vocabulary import LinkRefusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from domain.contact_points import Link
    from domain.events import Event
    from domain.facts import CustomerFact, Fact
    from domain.facts.fields import Subject
    from domain.policy.model import Policy
    from domain.records import Customer
    from domain.state import State
    from domain.store import Sender, Store

OFFICER: Final = "officer"
"""The method of a link on which an officer decided, whatever methods a policy lists."""
_SELF: Final = "is the name that the fact is about: nobody is linked with themselves"
STREAMS_MAX: Final = 50
"""How many streams one person has at most: more come from a shared name sent by mistake, and a join stays."""


def check_methods(policy: Policy, fact: CustomerFact, sender: Sender) -> None:
    """Raise `MalformedFact` where a link was verified by no method that the policy lists, nor decided by an officer.

    An unlink need not say how it was verified; where it does, the same methods count. A link is of two names.
    """
    data = fact.data
    if not data.also and not isinstance(data, LinkData | UnlinkData):
        return
    given = [("data.verified", data.verified)] if isinstance(data, LinkData | UnlinkData) and data.verified else []
    also = enumerate(data.also)
    given += [(f"data.also.{n}.verified", one.verified) for n, one in also if isinstance(one, VerifiedName)]
    is_self = isinstance(data, LinkData) and data.with_ == fact.subject
    known = (*policy.link_methods, *((OFFICER,) if sender.is_officer else ()))
    problems = [Problem(where, _not_listed(method, policy)) for where, method in given if method not in known]
    problems += [Problem("data.with", _SELF)] if is_self else []
    if problems:
        raise MalformedFact(problems)


def _not_listed(method: str, policy: Policy) -> str:
    nearest = get_close_matches(method, policy.link_methods, 1, 0)
    valid = f" ({', '.join(policy.link_methods)}); the nearest is {nearest[0]}" if nearest else ", which lists none"
    return f"is not a method of verification that the policy lists{valid}"


def join(store: Store, state: State, link: Link, made: list[Event], sender: Sender) -> LinkRefusal | None:
    """Join two streams, or put on record why they were not joined, and return that."""
    other = store.stream_of(link.name, state.time)
    if state.as_told is None:
        because = _against(store, state, link, other, sender)
    else:  # What was linked when it was told is one person's, whichever other link is of an earlier time.
        because = dict(state.as_told.unlinked).get(str(link.name))
    if because is not None:
        proposed = state.make(
            LinkProposed,
            because=because,
            name_code=state.keys.code(state.stream, str(link.name)),
            method=link.method,
            name=str(link.name),
            evidence=link.evidence,
        )
        fold(state, (proposed,), made)
        return because
    is_new = False
    if other is None:
        other = opened(store, link.name, state.time)
        is_new = True
    if other in state.customer.streams:
        _join_since(store, state, link, other, made)
        return None
    joined = store.person(other)
    same_codes = store.same_codes(state.stream, other)
    named = _named(store, link, ((state.customer, state.stream), (joined, other)), keeps=True)
    first = len(made)
    fold(state, _linked(state, link, other, joined, same_codes, named), made, (joined,))
    linked = made[first:]
    store.lead(joined.streams, state.stream)
    if is_new:
        fold(state, recalled(store, state, link.name, other), made)
        fold(state, waiting_end(store, state, link.name, other), made)
    _take_effect(store, state, linked, made)
    return None


def _join_since(store: Store, state: State, link: Link, other: UUID, made: list[Event]) -> None:
    """Link streams that are one person's by what is told already, but may be so from an earlier time on."""
    is_known = state.customer.joins.are_one((state.stream, other), state.time, state.place)
    if is_known and not link.is_fact:
        return
    first = len(made)
    named = _named(store, link, ((state.customer, state.stream), (state.customer, other)), keeps=True)
    fold(state, _linked(state, link, other, state.customer, named=named), made)
    if not is_known:
        _take_effect(store, state, made[first:], made)


def _take_effect(store: Store, state: State, linked: Iterable[Event], made: list[Event]) -> None:
    """Let follow what a link brings about, and set right what is shown where something later is on record already.

    It brings something about at each time from which on more are one person's.
    """
    first = {link.occurred_at: link for link in reversed(tuple(linked))}
    for _, link in sorted(first.items()):
        fold(state, react(state, link), made)
    lift_all(store, state)
    last = state.customer.last_told
    if last is not None and last > state.time:
        fold(state, set_right(state, state.time), made)


def as_one(store: Store, state: State, link: Link, sender: Sender) -> None:
    """Let a state be that of two people who would be linked, over copies of their records: nothing is kept."""
    other = store.stream_of(link.name, state.time)
    if other is None or other in state.customer.streams or _against(store, state, link, other, sender):
        return
    shared = {id(store.bound): store.bound}
    own, joined = deepcopy(state.customer, shared), deepcopy(store.person(other), shared)
    state.record = state.customer = own
    named = _named(store, link, ((own, state.stream), (joined, other)), keeps=False)
    fold(state, _linked(state, link, other, joined, store.same_codes(state.stream, other), named), [], (joined,))


def links_unless_refused(
    store: Store, state: State, fact: CustomerFact, links: tuple[Link, ...], sender: Sender
) -> tuple[Link, ...]:
    """Return the links that a fact states; none of a fact that is refused, of which nothing but that is stored.

    It is refused by what stands on the records of all whom it would link.
    """
    if not links or fact.data.mode != "enforce" or isinstance(fact.data, NEVER_REFUSED):
        return links
    if state.as_told is None:
        person, contacts = state.customer, state.customer.contacts
        alone = replace(person, contacts=replace(contacts, points=dict(contacts.points), bound=store.bound))
        trial = replace(state, record=alone)
        for link in links:
            as_one(store, trial, link, sender)
        take_contacts(store, trial, fact, contacts_given(store, trial, fact, vouched=sender.vouches, keeps=False))
        because = objections_to(trial, fact)
        state.as_told = AsTold(because) if because else None
    return links if state.as_told is None or not state.as_told.because else ()


def is_apart_from_erased(store: Store, fact: Fact, name: Subject) -> bool:
    """Return whether a fact tells its person apart from somebody erased, who is known by an id alone."""
    return isinstance(fact.data, LinkRejectionData) and name.kind == "id" and store.erasure_of(name) is not None


def tell_apart(store: Store, state: State, data: LinkRejectionData) -> None:
    """Let a state know from whom its person is told apart: somebody living, or somebody erased."""
    name = data.with_
    state.erased = store.erasure_of(name) if name.kind == "id" else None
    other = None if state.erased else store.stream_of(name, state.time)
    state.others = tuple(store.person(other).streams) if other else ()
    state.erased = state.erased or (None if other else store.erasure_of(name))


def told_apart_beside(state: State, event: Event) -> Iterator[Event]:
    """Yield the event that tells a person apart from another one, for each other stream of that person."""
    if not isinstance(event, LinkRejected):
        return
    for stream in [own for own in state.customer.streams if own != state.stream]:
        code = state.keys.code(stream, event.name or "")
        said: dict[str, Any] = {
            "name": event.name,
            "others": event.others,
            "erased": event.erased,
            "reason": event.reason,
        }
        yield state.make(LinkRejected, on=stream, name_code=code, **said)


def _against(store: Store, state: State, link: Link, other: UUID | None, sender: Sender) -> LinkRefusal | None:
    """Return why two streams are not to be joined, or None."""
    own = state.customer.streams
    if not sender.vouches:
        return LinkRefusal.NOT_VOUCHED
    if link.name.kind != "id" and store.left_of(link.name, state.time):
        return LinkRefusal.ERASED
    if other in own:
        return None
    others = len(store.person(other).streams) if other else 1
    if len(own) + others > STREAMS_MAX:
        return LinkRefusal.TOO_MANY_STREAMS
    # A contact point is one person's, and who that is was said by the first link.
    if other is not None and others > 1 and _is_contact(store, link.name, other, sender):
        return LinkRefusal.SECOND_PERSON
    return (
        LinkRefusal.SECOND_PERSON if len(own) > 1 and _is_contact(store, link.subject, state.stream, sender) else None
    )


def _is_contact(store: Store, name: Subject, stream: UUID, sender: Sender) -> bool:
    """Return whether a name is a contact point's. An officer who decides on a possible link names the stream by id."""
    return name.kind in CONTACT_KINDS or (name.kind == "id" and not sender.is_officer and store.is_of_contact(stream))


def _named(
    store: Store, link: Link, sides: tuple[tuple[Customer, UUID], tuple[Customer, UUID]], *, keeps: bool
) -> dict[UUID, tuple[int, ...]]:
    """Return which contact points the names of a link are, by stream, where nothing but links names them there.

    They are the person's from the link on. Each link says so: of a later line, one can be of an earlier time.
    """
    found: dict[UUID, tuple[int, ...]] = {}
    for (person, stream), name in zip(sides, (link.subject, link.name), strict=True):
        if name.kind in CONTACT_KINDS and person.opened_as.get(stream) == name.kind:
            ordinal = ordinal_on(store, person, stream, name, keeps=keeps)
            given = (one for one in person.contacts.named if (one.stream, one.ordinal) == (stream, ordinal))
            if all(one.moment.turn is Turn.LINK for one in given):
                found[stream] = (ordinal,)
    return found


def _linked(  # noqa: PLR0913, PLR0917 - what a link is of, and what is known beside it
    state: State,
    link: Link,
    other: UUID,
    joined: Customer,
    same_codes: Sequence[tuple[str, str]] = (),
    named: Mapping[UUID, tuple[int, ...]] = MappingProxyType({}),
) -> Iterator[Event]:
    """Yield the events that make streams one person's, the fact's own first; each names contact points of its own.

    From each time on at which more are one person's by links that are told already, they are said to be so once more.
    """
    joins = replace(state.customer.joins, links=state.customer.joins.links | joined.joins.links)
    pair = {state.stream: (other,), other: (state.stream,)} if other != state.stream else {}
    every = tuple(dict.fromkeys((*state.customer.streams, *joined.streams)))
    for at, joined_then in joins.since(state.time, (state.stream, other)):
        streams = [one for one in every if one in joined_then]
        person = min(streams, key=str)
        for own in sorted(streams, key=state.stream.__ne__):
            yield state.make(
                CustomersLinked,
                on=own,
                at=at,
                contacts=named.get(own, ()) if at == state.time else (),
                person=person,
                others=tuple(one for one in streams if one != own),
                direct=pair.get(own, ()) if at == state.time else (),
                same_codes=tuple(same_codes),
                method=link.method,
                evidence=link.evidence,
                follows=True if at > state.time else None,
            )
