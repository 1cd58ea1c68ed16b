"""Deletion in part: values go, and what was known about them stays.

A deletion destroys what was told before it, whatever the times, on all streams of the person. It destroys the values of
the categories that it names and of those below them. A value of a category above a named one goes as well, whole: it
may hold what is deleted, and nobody can take it apart. A deletion by another system (`held_in`) destroys nothing of
ours: what collections say that this system holds is held no more.

A deletion of a collection that was not told yet waits for it. The collection is stored when it is told, if it happened
up to the time of the deletion, and its values of those categories go at once; what another system deleted is held there
no more. While a person has asked to be forgotten and can take that back, our values stay; they go with the first fact
that is told after that.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from domain.events.customer import DataCollected
from domain.events.deletions import DataAnonymised, DataDeleted
from domain.facts.data import DeletionData
from domain.folding import fold
from domain.resolution import code_of_system, event_of
from domain.store import KeptValue
from domain.vocabulary import holds
from domain.waiting import has_waited, waits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from domain.events import Event
    from domain.facts import Fact
    from domain.facts.data import Data
    from domain.records.entries import AwaitedDeletion
    from domain.state import State
    from domain.store import Store


def destroys(data: Data) -> bool:
    """Return whether a fact has values of the ledger destroyed; what another system deleted it only tells."""
    return isinstance(data, DeletionData) and data.held_in is None


def delete(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Delete what a fact names, and put on each stream which of its values went."""
    assert isinstance(fact.data, DeletionData), "only such a fact deletes"
    stated = event_of(state, fact)
    assert isinstance(stated, DataDeleted), "a deletion states one"
    going = list(_going(store, state, stated, fact.data))
    fold(state, _deleted(state, stated, going), made)
    if destroys(fact.data):
        store.values.destroy(going)


def delete_awaited(store: Store, state: State, made: list[Event]) -> None:
    """Delete the values of collections that were told, where a deletion waited for them and need not wait any more."""
    customer = state.customer
    if not customer.awaited:
        return
    destroys_ours = waits(state.judge.policy, customer, customer.last_told or state.time) is None
    for event in list(made):
        if isinstance(event, DataCollected):
            _delete_told(store, state, event, made, destroys_ours=destroys_ours)
    if destroys_ours and has_waited(state.judge.policy, customer):
        _delete_kept(store, state, made)


def _delete_told(store: Store, state: State, event: DataCollected, made: list[Event], *, destroys_ours: bool) -> None:
    """Delete the values of a collection that was told just now, by each deletion that waited for it."""
    code, streams = state.customer.stands_for(event.reference_code), state.customer.streams
    systems = {code_of_system(state, stream, event.held_in) for stream in streams} if event.held_in else set()
    left = dict(event.values or {})
    for one in state.customer.awaited:
        if one.act is not event.act or one.reference != code or event.occurred_at > one.moment.at:
            continue
        if one.system not in systems if one.system else not destroys_ours:
            continue
        going = [
            KeptValue(event.originator_id, event.moment.position, category)
            for category, value in left.items()
            if (value is None) == bool(one.system) and holds(one.categories, category)
        ]
        left = {name: left[name] for name in left.keys() - {value.category for value in going}}
        if going:
            elsewhere: dict[str, Any] = {"elsewhere": True, "held_in": event.held_in} if one.system else {}
            fold(state, (_late(state, one, sorted(going), **elsewhere),), made)
        if not one.system:
            store.values.destroy(going)


def _delete_kept(store: Store, state: State, made: list[Event]) -> None:
    """Delete what a waiting period had kept of collections that a deletion waited for."""
    customer = state.customer
    own = {event.moment.position for event in made}
    for one in customer.awaited:
        told = {
            held.position
            for held in customer.by_reference.get(one.reference, ())
            if held.act is one.act and held.position > one.position and held.moment.at <= one.moment.at
        }
        by_stream: dict[UUID, list[KeptValue]] = defaultdict(list)
        for value in store.values.kept(customer.streams) if told - own and not one.system else ():
            if value.position in told and holds(one.categories, value.category):
                by_stream[value.stream].append(value)
        for stream, going in sorted(by_stream.items()):
            fold(state, (_late(state, one, sorted(going), on=stream),), made)
            store.values.destroy(going)


def values_elsewhere(events: Iterable[Event], held_in: str) -> Iterator[KeptValue]:
    """Yield what collections among opened events say that another system holds."""
    for event in events:
        if isinstance(event, DataCollected) and event.held_in == held_in:
            for category, value in (event.values or {}).items():
                if value is None:
                    yield KeptValue(event.originator_id, event.moment.position, category)


def _going(store: Store, state: State, stated: DataDeleted, data: DeletionData) -> Iterator[KeptValue]:
    named, streams = set(stated.collections), state.customer.streams
    if data.held_in is None:
        held: Iterable[KeptValue] = store.values.kept(streams)
    else:
        gone = state.customer.corrections.gone
        stated_elsewhere = store.values.elsewhere(streams, data.held_in)
        held = (one for one in stated_elsewhere if all(one.category != lost for lost, _ in gone.get(one.position, ())))
    for value in held:
        if (not data.relying_on or value.position in named) and holds(stated.categories, value.category):
            yield value


def _deleted(state: State, stated: DataDeleted, going: Iterable[KeptValue]) -> Iterator[Event]:
    """Yield the fact's own event, and one for each other stream on which values went."""
    by_stream: dict[UUID, list[KeptValue]] = defaultdict(list)
    for value in sorted(going):
        by_stream[value.stream].append(value)
    own = by_stream.pop(state.stream, [])
    yield stated.model_copy(update=_gone(own))
    said = {name: getattr(stated, name) for name in ("categories", "collections", "reason", "elsewhere", "held_in")}
    for stream, gone in sorted(by_stream.items()):
        yield state.make(type(stated), on=stream, **said, **_gone(gone))


def _late(
    state: State,
    awaited: AwaitedDeletion,
    going: list[KeptValue],
    on: UUID | None = None,
    **elsewhere: Any,  # noqa: ANN401 - what the event says of another system
) -> Event:
    cls = DataAnonymised if awaited.is_anonymising else DataDeleted
    said = {"categories": awaited.categories, "awaited_by": awaited.position, **elsewhere, **_gone(going)}
    return state.make(cls, on=on, at=awaited.moment.at, **said)


def _gone(values: Iterable[KeptValue]) -> dict[str, Any]:
    values = list(values)
    return {
        "gone": tuple(value.category for value in values),
        "gone_from": tuple(value.position for value in values),
    }
