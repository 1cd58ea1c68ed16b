"""The ledger's core: what one fact does.

The way of a fact, step by step:

1. who is meant: names lead to a stream, to the other streams of the same person, and to new names;
2. links: streams that turn out to be one person's become one;
3. recall: a new name may be that of somebody erased, who is still owed peace;
4. decide: the events that the fact makes, or a refusal (`domain.decide.decide`);
5. evolve: each event is folded into its record (`domain.records.evolve`), and nothing else changes a record;
6. react: what follows from each event (`domain.decide.react`), folded likewise.

`handle` takes these steps over a `Store`: a batch of PostgreSQL's, a trace in memory, a test. None of them has rules of
its own. What can be wrong with a fact is found in step 1, before anything is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol
from uuid import UUID

from domain.decide import decide, objections_to, react
from domain.errors import PledgerError, TimeInFuture, VersionConflict
from domain.events.customer import CustomersLinked, SuppressionRecalled
from domain.facts import CompanyFact, VisitorFact
from domain.facts.data import CollectionData, CustomerData, ErasureData
from domain.records import Customer, evolve
from domain.records.customer import LAST
from domain.state import Keys, NoKeys, State
from domain.vocabulary import Act, Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from domain.events import Event, Finding
    from domain.facts import Fact
    from domain.facts.fields import Subject
    from domain.policy.judge import Judge
    from domain.records import Company, Record, Visitor

STREAMS_MAX: Final = 50
"""How many streams one person has at most: more come from a shared name sent by mistake, and a join stays."""
ADULT_AT: Final = 13
"""The age in years below which a person is a child, as facts report it."""


_WITHOUT_A_PERSON: Final = (CompanyFact, VisitorFact)


class TooManyStreams(PledgerError):
    """A fact would join more streams than one person can have."""

    code = "too_many_streams"


class Suppression(NamedTuple):
    """What a person is owed after an erasure, since when: peace in a program, or to be treated as a child (None)."""

    program: Program | None
    since: datetime


class Store(Keys, Protocol):
    """The records that facts are decided on, and where new streams and names go."""

    @property
    def judge(self) -> Judge:
        """The policy in force, ready to judge."""
        ...

    @property
    def place(self) -> int:
        """The position of the last event."""
        ...

    @property
    def latest(self) -> datetime:
        """The time after which nothing can have happened yet."""
        ...

    def company(self) -> Company:
        """Return the company's record."""
        ...

    def visitor(self, name: Subject) -> Visitor:
        """Return a browser's record, a new one for an unknown name."""
        ...

    def stream_of(self, name: Subject) -> UUID | None:
        """Return the living stream that a customer's name leads to, None for an unknown name.

        Raises `UnknownCustomer` for an id that is not a living customer's stream.
        """
        ...

    def person(self, stream: UUID) -> Customer:
        """Return the record of the person whose stream this is."""
        ...

    def open(self, fact: Fact) -> UUID:
        """Open a stream for the person whom a fact is about, and return it."""
        ...

    def attach(self, name: Subject, stream: UUID) -> None:
        """Let a name lead to a stream."""
        ...

    def join(self, stream: UUID, others: Iterable[UUID]) -> Sequence[tuple[str, str]]:
        """Let the persons of these streams share one record, that of `stream`.

        Return pairs of codes that stand for one reference: each code with the first, in their order, of its reference.
        """
        ...

    def suppressed(self, name: Subject) -> Iterable[Suppression]:
        """Return what is owed to a name since the person who had it was erased."""
        ...

    def forget(self, customer: Customer, owed: Sequence[Suppression]) -> None:
        """Forget the names of an erased person, but not what is owed to them."""
        ...


class Handled(NamedTuple):
    """What came of a fact: the stream that it went to, and the events that it made, on this stream and others."""

    stream: UUID
    events: list[Event]


def handle(store: Store, fact: Fact, *, actor: str = "", expected_version: int | None = None) -> Handled:
    """Take in one fact and return the events that it makes, each folded into the store's records.

    Raises `TimeInFuture`, `VersionConflict`, `UnknownCustomer` and `TooManyStreams`, and has then changed nothing.
    """
    if fact.time > store.latest:
        raise _in_future(fact)
    made: list[Event] = []
    if isinstance(fact, _WITHOUT_A_PERSON):
        record = _other_record(store, fact)
        _expect(expected_version, record, record.stream)
        _fold_decided(_state(store, fact, record, record.stream, actor), fact, made)
        return Handled(record.stream, made)
    known, others, new_names = _who_is_meant(store, fact)
    _expect(expected_version, store.person(known) if known else None, known)
    stream = known or store.open(fact)
    for name in new_names:
        store.attach(name, stream)
    same_codes = store.join(stream, others) if others else ()
    state = _state(store, fact, store.person(stream), stream, actor)
    if others:
        _fold(state, _linked(state, same_codes), made)
        _fold(state, react(state, made[-1]), made)
    if new_names:
        _fold(state, _recalled(store, state, new_names), made)
    _fold_decided(state, fact, made)
    if isinstance(fact.data, ErasureData):
        store.forget(state.customer, _owed(state))
    return Handled(stream, made)


def ask(store: Store, fact: Fact) -> tuple[Finding, ...]:
    """Return what stands against a fact, were it to be enforced. A person without a known name has no past."""
    if isinstance(fact.data, ErasureData):
        return ()
    if isinstance(fact, _WITHOUT_A_PERSON):
        record = _other_record(store, fact)
        return objections_to(_state(store, fact, record, record.stream, fact.source), fact)
    known = [stream for name in names_in(fact) if (stream := store.stream_of(name))]
    if known:
        return objections_to(_state(store, fact, store.person(known[0]), known[0], fact.source), fact)
    nobody = UUID(int=0)
    state = _state(store, fact, Customer(person=nobody, streams={nobody: 0}), nobody, fact.source)
    state.keys = NoKeys()
    return objections_to(state, fact)


def names_in(fact: Fact) -> tuple[Subject, ...]:
    """Return the names of the person whom a fact is about, its subject first."""
    assert fact.subject is not None, "a fact about a customer names one"
    assert isinstance(fact.data, CustomerData), "and its data is a customer's"
    return tuple(dict.fromkeys((fact.subject, *fact.data.also))) if fact.data.also else (fact.subject,)


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


def _who_is_meant(store: Store, fact: Fact) -> tuple[UUID | None, Sequence[UUID], Sequence[Subject]]:
    """Return the stream of the first known name, the streams to be joined to it, and the new names.

    Two known names make one person, but a gift joins nobody.
    """
    data = fact.data
    joins = not (isinstance(data, CollectionData) and data.act is Act.GIFT)
    new_names: list[Subject] = []
    streams: list[UUID] = []
    for name in names_in(fact):
        stream = store.stream_of(name)
        if stream is None:
            new_names.append(name)
        elif joins or name == fact.subject:
            streams.append(stream)
    if len(streams) < 2:  # noqa: PLR2004 - nothing to join
        return (streams[0] if streams else None), (), new_names
    people = [store.person(stream) for stream in streams]
    if len({own for person in people for own in person.streams}) > STREAMS_MAX:
        raise _too_many_streams()
    others = [stream for stream, person in zip(streams, people, strict=True) if person is not people[0]]
    return streams[0], others, new_names


def _fold(state: State, events: Iterable[Event], made: list[Event]) -> None:
    """Fold each event before the next one is made."""
    for event in events:
        evolve(state.record, event)
        state.place += 1
        made.append(event)


def _fold_decided(state: State, fact: Fact, made: list[Event]) -> None:
    first = len(made)
    _fold(state, decide(state, fact), made)
    for event in made[first:]:
        _fold(state, react(state, event), made)


def _linked(state: State, same_codes: Sequence[tuple[str, str]]) -> Iterator[Event]:
    """Yield the events that make all streams of a record one person's."""
    streams = list(state.customer.streams)
    person = min(streams, key=str)
    for own in streams:
        others = tuple(other for other in streams if other != own)
        yield state.make(CustomersLinked, on=own, person=person, others=others, same_codes=tuple(same_codes))


def _recalled(store: Store, state: State, names: Iterable[Subject]) -> Iterator[Event]:
    """Yield what is owed to new names, each at the time since when it is owed."""
    owed = {one.program: one.since for name in names for one in store.suppressed(name)}
    for program, since in owed.items():
        under = ADULT_AT if program is None else None
        yield state.make(SuppressionRecalled, at=since, program=program, under=under)


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


def _too_many_streams() -> TooManyStreams:
    return TooManyStreams(
        "The fact was not stored.",
        f"its names would join more than {STREAMS_MAX} streams; one of the names is likely not one person's own.",
        "Leave out the name that several people share, such as the shop's own address, and send the fact again.",
    )
