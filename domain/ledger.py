"""The ledger's core: what one fact does.

The way of a fact, step by step:

1. who is meant: names lead to a stream, to the other streams of the same person, and to new names;
2. links: streams that turn out to be one person's become one;
3. recall: a new name may be that of somebody erased, who is still owed peace;
4. decide: the events that the fact makes, or a refusal (`domain.decide.decide`);
5. evolve: each event is folded into its record (`domain.records.evolve`), and nothing else changes a record;
6. react: what follows from each event (`domain.decide.react`), folded likewise.

`handle` takes these steps over a `domain.store.Store`: a batch of PostgreSQL's, a trace in memory, a test. None of them
has rules of its own. What can be wrong with a fact is found in step 1, before anything is changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.contact_points import bind, check_needs_no_voucher, contacts_given, links_in, points_in
from domain.decide import decide, erased_late, forgotten, objections_to, react
from domain.errors import TimeInFuture, VersionConflict
from domain.events.customer import SuppressionRecalled
from domain.events.links import CustomersLinked, LinkProposed
from domain.facts import CompanyFact, VisitorFact
from domain.facts.data import AgeData, ErasureData, LinkData, OptOutData
from domain.facts.fields import CONTACT_KINDS
from domain.records import Customer, evolve
from domain.records.customer import LAST
from domain.state import NoKeys, State
from domain.store import Handled, Suppression
from domain.vocabulary import LinkRefusal, Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from domain.contact_points import Link
    from domain.events import Event, Finding
    from domain.facts import Fact
    from domain.facts.fields import Subject
    from domain.records import Company, Record, Visitor
    from domain.store import Store

STREAMS_MAX: Final = 50
"""How many streams one person has at most: more come from a shared name sent by mistake, and a join stays."""
ADULT_AT: Final = 13
"""The age in years below which a person is a child, as facts report it."""


_NOBODY: Final = UUID(int=0)
_NAMES_OF_GUESTS: Final = ("order", "guest")
_WITHOUT_A_PERSON: Final = (CompanyFact, VisitorFact)


def handle(
    store: Store, fact: Fact, *, actor: str = "", vouches: bool = False, expected_version: int | None = None
) -> Handled:
    """Take in one fact and return the events that it makes, each folded into the store's records.

    `vouches` says that the sender has verified whom the fact is about. Raises `TimeInFuture`, `NotVouched`,
    `VersionConflict` and `UnknownCustomer`, and has then changed nothing.
    """
    if fact.time > store.latest:
        raise _in_future(fact)
    made: list[Event] = []
    if isinstance(fact, _WITHOUT_A_PERSON):
        record = _other_record(store, fact)
        _expect(expected_version, record, record.stream)
        _fold_decided(store, _state(store, fact, record, record.stream, actor), fact, made)
        return Handled(record.stream, made)
    assert fact.subject is not None, "the contract gives every fact about a customer a subject"
    if not vouches:
        check_needs_no_voucher(fact)
    known = store.stream_of(fact.subject)
    if (until := _gone_until(store, fact, known)) is not None:
        _expect(expected_version, None, None)
        return _told_late(store, fact, until, actor)
    links = links_in(fact)
    for link in links:
        store.stream_of(link.name)  # An unknown id is an error, and found before anything is changed.
    _expect(expected_version, store.person(known) if known else None, known)
    stream = known or _opened(store, fact.subject)
    state = _state(store, fact, store.person(stream), stream, actor)
    if not known:
        _fold(state, _recalled(store, state, fact.subject), made)
    given = contacts_given(store, state, fact)
    state.contacts, state.contact = given.named, given.about
    refused = tuple(because for link in links if (because := _link(store, state, link, made, vouches=vouches)))
    if not isinstance(fact.data, LinkData):
        _fold_decided(store, state, fact, made)
    if isinstance(fact.data, ErasureData):
        store.forget(state.customer, fact.subject, _last_time(state.customer, fact.time), _owed(state))
    return Handled(stream, made, given.unread, refused)


def _gone_until(store: Store, fact: Fact, known: UUID | None) -> datetime | None:
    """Return until when the person of a fact was on record, if they had been erased when it was told; else None.

    A fact belongs to the person who had the name at its time. A guest has no name that lasts, so a contact point
    counts as well.
    """
    subject = fact.subject
    if subject is None or subject.kind == "id" or isinstance(fact.data, ErasureData):
        return None
    names = [subject]
    if subject.kind in _NAMES_OF_GUESTS and known is None:
        names += points_in(fact, store.addresses)
    found = [until for name in names if (until := store.gone_until(name)) is not None and fact.time <= until]
    return max(found, default=None)


def _told_late(store: Store, fact: Fact, until: datetime, actor: str) -> Handled:
    """Take in a fact about somebody who has been erased since: coded, on a stream of its own, which ends with it.

    What protects the person is owed as if it had been told before the erasure: to their names, and to whoever came
    back under one.
    """
    assert fact.subject is not None, "only facts about customers have tombstones"
    stream = store.open_forgotten()
    state = _state(store, fact, store.person(stream), stream, actor)
    given = contacts_given(store, state, fact)
    state.contacts, state.contact = given.named, given.about
    made: list[Event] = []
    is_link = isinstance(fact.data, LinkData)
    decided = (state.make(LinkProposed, because=LinkRefusal.ERASED),) if is_link else decide(state, fact)
    _fold(state, map(forgotten, decided), made)
    for event in made:
        bind(store, state, event)
    _fold(state, (erased_late(state, until),), made)
    owed = _protects(fact)
    store.keep_forgotten(fact.subject, until, owed)
    returned = store.stream_of(fact.subject)
    if owed is not None and returned is not None:
        back = _state(store, fact, store.person(returned), returned, actor)
        back.place, back.first = state.place, state.first
        _fold(back, (_recall(back, owed),), made)
    return Handled(stream, made, given.unread)


def _protects(fact: Fact) -> Suppression | None:
    """Return what a fact protects its person from, and since when."""
    if isinstance(fact.data, OptOutData):
        return Suppression(fact.data.program, fact.time)
    return Suppression(None, fact.time) if isinstance(fact.data, AgeData) else None


def ask(store: Store, fact: Fact) -> tuple[Finding, ...]:
    """Return what stands against a fact, were it to be enforced. A person without a known name has no past."""
    if isinstance(fact.data, ErasureData | LinkData):
        return ()
    if isinstance(fact, _WITHOUT_A_PERSON):
        record = _other_record(store, fact)
        return objections_to(_state(store, fact, record, record.stream, fact.source), fact)
    assert fact.subject is not None, "a fact about a customer names one"
    stream = store.stream_of(fact.subject)
    person = store.person(stream) if stream else Customer(person=_NOBODY, streams={_NOBODY: 0})
    # The fact may give contact points that the record does not have, and what binds them counts.
    contacts = replace(person.contacts, points=dict(person.contacts.points), bound=store.bound)
    state = _state(store, fact, replace(person, contacts=contacts), stream or _NOBODY, fact.source)
    if not stream:
        state.keys = NoKeys()
    given = contacts_given(store, state, fact, keeps=False)
    state.contacts, state.contact = given.named, given.about
    return objections_to(state, fact)


def _expect(expected: int | None, record: Record | None, stream: UUID | None) -> None:
    """Raise `VersionConflict` where the sender expects the stream at another version; a new one is at version 0."""
    if expected is not None and expected != (actual := record.version_of(stream) if record and stream else 0):
        raise VersionConflict(expected=expected, actual=actual)


def _other_record(store: Store, fact: Fact) -> Company | Visitor:
    if isinstance(fact, CompanyFact):
        return store.company()
    assert fact.subject is not None, "the contract gives every fact about a browser a subject"
    return store.visitor(fact.subject)


def _state(store: Store, fact: Fact, record: Record, stream: UUID, actor: str) -> State:
    envelope: dict[str, Any] = {
        "actor": actor,
        "policy": store.judge.policy.version,
        "source": fact.source,
        "fact_id": fact.id,
    }
    # What a fact about a browser names beside it (a session, an order) is dropped: a fact about a person could name the
    # same, and nothing links the two.
    if not isinstance(fact, VisitorFact):
        envelope |= {"correlation": fact.correlation, "causation": fact.data.causation}
    return State(store.judge, store.company(), record, stream, store.place, store, fact.time, envelope)


def _opened(store: Store, name: Subject) -> UUID:
    """Open a stream under a name, which leads to it from then on."""
    stream = store.open(name)
    store.attach(name, stream)
    return stream


def _fold(state: State, events: Iterable[Event], made: list[Event]) -> None:
    """Fold each event before the next one is made."""
    for event in events:
        evolve(state.record, event)
        state.place += 1
        made.append(event)


def _fold_decided(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    first = len(made)
    _fold(state, decide(state, fact), made)
    for event in made[first:]:
        bind(store, state, event)
        _fold(state, react(state, event), made)


def _link(store: Store, state: State, link: Link, made: list[Event], *, vouches: bool) -> LinkRefusal | None:
    """Join two streams, or put on record why they were not joined, and return that."""
    other = store.stream_of(link.name)
    because = _against(store, state, link, other, vouches=vouches)
    if because is not None:
        proposed = state.make(
            LinkProposed, because=because, method=link.method, name=str(link.name), evidence=link.evidence
        )
        _fold(state, (proposed,), made)
        return because
    if other is None:
        other = _opened(store, link.name)
        _fold(state, _recalled(store, state, link.name), made)
    is_new = other not in state.customer.streams
    if not is_new and not link.is_fact:
        return None
    same_codes = store.join(state.stream, (other,)) if is_new else ()
    _fold(state, _linked(state, link, same_codes), made)
    if is_new:
        _fold(state, react(state, made[-1]), made)
    return None


def _against(store: Store, state: State, link: Link, other: UUID | None, *, vouches: bool) -> LinkRefusal | None:
    """Return why two streams are not to be joined, or None."""
    own = state.customer.streams
    if not vouches:
        return LinkRefusal.NOT_VOUCHED
    gone = store.gone_until(link.name) if link.name.kind != "id" else None
    if gone is not None and state.time <= gone:
        return LinkRefusal.ERASED
    if other in own:
        return None
    others = len(store.person(other).streams) if other else 1
    if len(own) + others > STREAMS_MAX:
        return LinkRefusal.TOO_MANY_STREAMS
    # A contact point is one person's, and who that is was said by the first link.
    if (link.name.kind in CONTACT_KINDS and others > 1) or (link.subject.kind in CONTACT_KINDS and len(own) > 1):
        return LinkRefusal.SECOND_PERSON
    return None


def _linked(state: State, link: Link, same_codes: Sequence[tuple[str, str]]) -> Iterator[Event]:
    """Yield the events that make all streams of a record one person's."""
    streams = list(state.customer.streams)
    person = min(streams, key=str)
    for own in streams:
        others = tuple(other for other in streams if other != own)
        yield state.make(
            CustomersLinked,
            on=own,
            person=person,
            others=others,
            same_codes=tuple(same_codes),
            method=link.method,
            evidence=link.evidence,
        )


def _recalled(store: Store, state: State, name: Subject) -> Iterator[Event]:
    """Yield what is owed to a new name, each at the time since when it is owed."""
    for owed in store.suppressed(name):
        yield _recall(state, owed)


def _recall(state: State, owed: Suppression) -> Event:
    under = ADULT_AT if owed.program is None else None
    return state.make(SuppressionRecalled, at=owed.since, program=owed.program, under=under)


def _last_time(person: Customer, erased: datetime) -> datetime:
    """Return until when a person's names were theirs: what happened later than the erasure and was told before it."""
    happened = (held.moment.at for held in person.by_position.values())
    changed = (change.moment.at for changes in person.programs.values() for change in changes)
    return max((erased, *happened, *changed))


def _owed(state: State) -> list[Suppression]:
    """Return what must not be forgotten with a person: where they opted out, and that they are a child."""
    person = state.customer
    owed = [
        Suppression(program, opted_out.moment.at)
        for program in Program
        if (opted_out := state.judge.opted_out(person, program, LAST)) is not None
    ]
    if person.child_since is not None:
        owed.append(Suppression(None, person.child_since.at))
    return owed


def _in_future(fact: Fact) -> TimeInFuture:
    return TimeInFuture(
        f"The fact {fact.name} was not stored.",
        "its time lies in the future, beyond the tolerance for clocks that differ.",
        "Send a fact when it has happened, and check the sender's clock and time zone.",
    )
