"""What every way of a fact shares: the state that it is decided on, new streams, folding, and what is owed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain.decide import decide, react, refusal_in
from domain.entry_corrections import corrected_before
from domain.events.customer import DataCollected, DataCorrected, EntryCorrected
from domain.events.links import LinkProposed
from domain.events.suppressions import SuppressionEnded, SuppressionOwed, SuppressionRecalled
from domain.facts import VisitorFact
from domain.lifting import bind
from domain.records import Customer, evolve
from domain.records.protections import PROTECTING
from domain.set_right import are_late, set_right
from domain.state import AsTold, State
from domain.suppressed import Age, Objection, Suppression
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event
    from domain.facts import Fact
    from domain.facts.fields import Subject
    from domain.records import Company, Record, Visitor
    from domain.store import Sender, Store
    from domain.suppressed import Suppressed, Tombstone

ADULT_AT: Final = 13
"""The age in years below which a person is a child, as facts report it."""


def state_of(store: Store, fact: Fact, record: Record, stream: UUID, actor: str) -> State:
    """Return what a fact is decided on, at the store's place."""
    said = fact.__dict__  # An attribute of a model takes several times as long to read (measured).
    envelope: dict[str, Any] = {
        "actor": actor,
        "policy": store.judge.policy.version,
        "source": said["source"],
        "fact_id": said["id"],
    }
    # What a fact about a browser names beside it (a session, an order) is dropped: a fact about a person could name the
    # same, and nothing links the two.
    if not isinstance(fact, VisitorFact):
        envelope |= {"correlation": fact.correlation, "causation": fact.data.causation}
    state = State(store.judge, store.company(), record, stream, store.place, store, fact.time, envelope)
    state.as_told = store.as_told(fact)
    return state


def state_of_other(store: Store, fact: Fact, record: Company | Visitor, sender: Sender) -> State:
    """Return what a fact about the company, or about a browser, is decided on."""
    state = state_of(store, fact, record, record.stream, sender.actor)
    state.by_officer = sender.is_officer
    return state


def opened(store: Store, name: Subject, at: datetime) -> UUID:
    """Open a stream under a name, which leads to it for what is told of that time."""
    stream = store.open(name)
    store.attach(name, stream, at)
    store.person(stream).opened_as[stream] = name.kind
    return stream


def fold(state: State, events: Iterable[Event], made: list[Event], joined: Sequence[Customer] = ()) -> None:
    """Fold each event before the next one is made; links into it what the records hold that they join."""
    for event in events:
        evolve(state.record, event, joined)
        state.place += 1
        made.append(event)


def fold_decided(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Decide a fact, and fold its events, what they bind, and what follows from each."""
    first = len(made)
    fold(state, decide(state, fact), made)
    if state.customer.protections.awaited:
        fold(state, annulled_before(state, fact, made[first:]), made)
    elif not isinstance(state.record, Customer) and state.record.wrong.awaited:
        fold(state, corrected_before(state, fact), made)
    stated = made[first:]
    for event in stated:  # Where one was annulled before it was told, nothing of it counts for what follows.
        bind(store, state, event)
    for event in stated:
        state.told = max(state.told, event.waited or 0) if isinstance(event, EntryCorrected) else state.told
        fold(state, react(state, event), made)
    if isinstance(state.record, Customer) and are_late(state, stated):
        fold(state, set_right(state, min(event.occurred_at for event in stated)), made)


def annulled_before(state: State, fact: Fact, made: Sequence[Event]) -> Iterator[Event]:
    """Yield that a fact was corrected as a wrong entry before it was told; what protects somebody, by an officer."""
    protections = state.customer.protections
    if not protections.awaited or (state.as_told is not None and not state.as_told.corrects):
        return
    protects = any(type(event) in PROTECTING for event in made)
    for code in [state.keys.code(stream, fact.name) for stream in state.customer.streams]:
        found = protections.awaited.get(code)
        if found is None or (protects and not found.by_officer):
            continue
        said: dict[str, Any] = {
            "entry_code": code,
            "entry": state.first + 1,
            "by_officer": True if found.by_officer else None,
            "waited": found.moment.position,
        }
        corrected = state.make(EntryCorrected, at=found.moment.at, **said)
        yield corrected.model_copy(update={"actor": found.actor})


def recalled(store: Store, state: State, name: Subject, on: UUID | None = None) -> Iterator[Event]:
    """Yield what is owed to a new name, each at the time since when it is owed, `on` the stream of that name."""
    for owed in store.suppressed(name, state.time):
        yield recall(state, owed, on)
        if owed.ended is not None:
            yield state.make(SuppressionEnded, on=on, at=max(owed.ended, owed.since), recalled=(state.place,))


def what_of(recalled: SuppressionRecalled | SuppressionOwed) -> Suppressed | None:
    """Return what was recalled, or was owed."""
    if recalled.program is not None:
        return recalled.program
    if recalled.purpose is not None:
        return Objection(recalled.purpose)
    return Age.UNDER_13 if recalled.under is not None else None


def recall(state: State, owed: Suppression, on: UUID | None = None) -> Event:
    """Return the event by which what an erased person is owed binds a person who came back."""
    source: dict[str, Any] = {"comes_from": owed.source or None, "said_at": owed.said if owed.source else None}
    source["of_contact"] = True if owed.of_contact else None
    when: dict[str, Any] = {"owed_since": owed.by_last, "learned": owed.learned or None}
    return state.make(SuppressionRecalled, on=on, at=owed.since, **source, **when, **_said(owed.what))


def owe(state: State, owed: Suppression) -> Event:
    """Return the event by which what an erased person was owed binds what is told late of them."""
    return state.make(SuppressionOwed, at=owed.since, **_said(owed.what))


def _said(what: Suppressed) -> dict[str, Any]:
    return {
        "program": what if isinstance(what, Program) else None,
        "purpose": what.purpose if isinstance(what, Objection) else None,
        "under": ADULT_AT if isinstance(what, Age) else None,
    }


def outcome_of(events: Iterable[Event], left: tuple[Tombstone, ...]) -> AsTold:
    """Return what came of a fact when it was told, from its events, as far as that goes by telling.

    `left` are the tombstones of the person whom it is about, if they had been erased by then.
    """
    events = tuple(events)
    refused = refusal_in(events)
    given = (event for event in events if isinstance(event, DataCollected | DataCorrected))
    withheld = any(event.withheld for event in given)
    owed = tuple(_suppression(event) for event in events if isinstance(event, SuppressionOwed))
    proposed = (event for event in events if isinstance(event, LinkProposed))
    unlinked = tuple((event.name or "", event.because) for event in proposed)
    corrects = any(isinstance(event, EntryCorrected) and event.entry is not None for event in events)
    return AsTold(refused.because if refused else (), withheld, left, owed, corrects, unlinked)


def _suppression(event: SuppressionOwed) -> Suppression:
    what = what_of(event)
    assert what is not None, "it says what is owed"
    return Suppression(what, event.occurred_at)
