"""What was asked for before an unlink and is told after it: it lifts what the unlink let go on binding one of the two.

An unlink bears on what is later than it in time. So who had asked anew before it had lifted the opt-out for both, and
nothing of it had gone on binding anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.decide import react
from domain.ending import side_of
from domain.events.customer import DataCollected
from domain.events.suppressions import SuppressionEnded
from domain.folding import fold
from domain.moments import end_of
from domain.suppressions import has_asked_anew, owed_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.events import Event
    from domain.events.suppressions import SuppressionRecalled
    from domain.facts import Fact
    from domain.records import Customer
    from domain.state import State
    from domain.store import Store


def end_lifted(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """End what goes on binding one of two who were parted, where a fact tells that one of them had asked anew before.

    It ends as of the unlink, also for what was told already: it had never gone on.
    """
    person = state.customer
    collected = [event for event in made if type(event) is DataCollected]
    if not person.joins.parted or not collected:
        return
    others = [store.person(stream) for stream in person.joins.parted if stream not in person.streams]
    people = {one.person: one for one in (person, *others) if not one.erased}.values()
    for recalled, said_by in list(_gone_on(store, people)):
        bound = store.person(recalled.originator_id)
        if _has_lifted(state, recalled, bound, said_by, collected):
            side = side_of(store, state, fact, recalled.originator_id)
            at, places = recalled.occurred_at, (recalled.moment.position,)
            ended = side.make(SuppressionEnded, on=recalled.originator_id, at=at, recalled=places, lifted=True)
            fold(side, (ended,), made)
            fold(side, react(side, ended), made)
            state.place = side.place


def _gone_on(store: Store, people: Iterable[Customer]) -> Iterator[tuple[SuppressionRecalled, Customer]]:
    """Yield the opt-outs that go on binding some of these people since an unlink, each with who of them said it."""
    by_place = {place: one for one in people for place in one.protections.told}
    recalls = store.recalls_from(list(by_place))
    for recalled in sorted(recalls, key=lambda one: one.moment.position):
        bound = store.person(recalled.originator_id)
        is_theirs = any(one is bound for one in by_place.values()) or any(one is bound for one in people)
        if is_theirs and recalled.said_at is not None and not bound.protections.annulments(recalled.moment.position):
            yield recalled, by_place[recalled.comes_from or 0]


def _has_lifted(
    state: State, recalled: SuppressionRecalled, bound: Customer, said_by: Customer, collected: Iterable[DataCollected]
) -> bool:
    """Return whether what was collected lifts what goes on since an unlink: it was asked for between the two."""
    what, said, then = recalled.program, recalled.said, end_of(recalled.occurred_at)
    if what is None or said is None:
        return False
    lifting = state.judge.lifting(what)
    if not any(event.act in lifting and said.at < event.occurred_at and event.moment <= then for event in collected):
        return False
    is_said_still = what in owed_at(state.judge, said_by, then)
    return not is_said_still or has_asked_anew(state.judge, bound, what, said, then)
