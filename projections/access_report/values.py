"""What is held: the values of each category, which of them is current, and what replaced the others.

Collections and corrections come in order of world time. A value that is collected again stays one value; a different
one supersedes it. A correction supersedes every value of its category and of narrower ones. What the buyer of a gift
told and what the person told are kept apart, since a gift's address is good only for that gift. A value that was
deleted keeps its place, and is current no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.events.customer import CustomerErased
from domain.vocabulary import covers
from projections.access_report.deletions import Deletions
from projections.access_report.parts import (
    FROM_A_BUYER,
    FROM_THE_PERSON,
    HELD,
    HELD_ELSEWHERE,
    SEALED,
    WITHHELD,
    Deleted,
    Superseded,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from domain.events import Event
    from domain.events.customer import DataCollected, DataCorrected
    from domain.vocabulary import Act


@dataclass(slots=True)
class _HeldValue:
    category: str
    value: str | None
    state: str
    held_in: str | None
    source: str
    collected: list[str]
    superseded: Superseded | None = None
    deleted: Deleted | None = None


@dataclass(slots=True)
class Values:
    """The values so far; `_current` has the current one, by category and source."""

    _erased: set[UUID] = field(default_factory=set)
    """The streams whose keys are destroyed."""
    _deletions: Deletions = field(default_factory=Deletions)
    _all: list[_HeldValue] = field(default_factory=list)
    _current: dict[tuple[str, str], _HeldValue] = field(default_factory=dict)

    def know(self, events: Collection[Event], seen: Collection[Event]) -> None:
        """Take note of what was destroyed, at any time, of a person's events; `seen` are those of the report."""
        self._erased = {event.originator_id for event in events if isinstance(event, CustomerErased)}
        self._deletions = Deletions.of(events, seen)

    def collected(self, event: DataCollected, *, wrong: Superseded | None) -> None:
        """Add the values of a collection; `wrong` is set where its entry was declared wrong."""
        source = source_of(event.act)
        values = event.values
        for category in event.categories:
            value = values.get(category) if values is not None else None
            deleted = self._deletions.of_value(event.moment.position, category)
            held_in = None
            if event.withheld:
                state = WITHHELD
            elif deleted is not None:
                state = deleted.how
            elif values is None or category not in values:
                state = SEALED
            else:
                state = HELD if value is not None else HELD_ELSEWHERE
            if state == HELD_ELSEWHERE:
                held_in = event.held_in
                deleted = self._deletions.of_elsewhere(event.moment.position, category)
                state = deleted.how if deleted else state
            new = _HeldValue(category, value, state, held_in, source, [event.fact], deleted=deleted)
            self._take(new, wrong, event)

    def corrected(self, event: DataCorrected, *, wrong: Superseded | None) -> None:
        """Add a corrected value."""
        deleted = self._deletions.of_value(event.moment.position, event.category)
        state = self.state_of(event)
        new = _HeldValue(event.category, event.value, state, None, FROM_THE_PERSON, [event.fact], deleted=deleted)
        if wrong is None:
            replaced = Superseded("correction", event.fact, event.occurred_at)
            for key in [key for key in self._current if covers(event.category, key[0])]:
                self._current.pop(key).superseded = replaced
        self._take(new, wrong, event)

    def state_of(self, event: DataCorrected) -> str:
        """Return the state of a corrected value; a null one is held in another system, unless its key is destroyed."""
        if event.withheld:
            return WITHHELD
        if (deleted := self._deletions.of_value(event.moment.position, event.category)) is not None:
            return deleted.how
        if event.value is not None:
            return HELD
        return SEALED if event.originator_id in self._erased else HELD_ELSEWHERE

    def listed(self) -> tuple[Value, ...]:
        """Return all values by category, in order of time."""
        ordered = sorted(self._all, key=lambda held: held.category)
        return tuple(
            Value(
                held.category,
                held.value,
                held.state,
                held.held_in,
                held.source,
                held.superseded is None and held.deleted is None,
                held.superseded,
                tuple(held.collected),
                held.deleted,
            )
            for held in ordered
        )

    def _take(self, new: _HeldValue, wrong: Superseded | None, event: DataCollected | DataCorrected) -> None:
        key = (new.category, new.source)
        if wrong is not None:
            new.superseded = wrong
            self._all.append(new)
            return
        standing = self._current.get(key)
        if standing is not None:
            if _what(standing) == _what(new):
                standing.collected += new.collected
                return
            standing.superseded = Superseded("collection", event.fact, event.occurred_at)
        self._current[key] = new
        self._all.append(new)


def source_of(act: Act) -> str:
    """Return who gave the data: the person, or the buyer of a gift, who is not named to its recipient."""
    return FROM_A_BUYER if act == "gift" else FROM_THE_PERSON


def _what(held: _HeldValue) -> tuple[object, ...]:
    """Return what makes two values the same one."""
    return held.value, held.state, held.held_in, held.deleted
