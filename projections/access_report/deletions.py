"""Which values were deleted in part, by whom they were, and what that says at their place in a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from domain.events.deletions import DataAnonymised, DataDeleted
from domain.vocabulary import holds
from projections.access_report.parts import ANONYMISED, DELETED, Deleted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from domain.events import Event


@dataclass(slots=True)
class Deletions:
    """The deletions of a person's values: ours by position and category, and those of other systems."""

    _ours: dict[tuple[int, str], Deleted] = field(default_factory=dict)
    _elsewhere: list[DataDeleted] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event], seen: Iterable[Event]) -> Self:
        """Take the deletions among all events of a person: what is gone is gone, whatever moment a report is as of.

        Of what other systems deleted, only what is `seen` as of that moment counts.
        """
        found = cls(_elsewhere=[event for event in seen if isinstance(event, DataDeleted) and event.elsewhere])
        ours = sorted((one for one in events if isinstance(one, DataDeleted)), key=attrgetter("moment.position"))
        by_fact = {event.fact_position: event for event in reversed(ours)}
        for event in ours:
            # What waited for a collection says why by its own fact; so does what another stream's event belongs to.
            says = by_fact.get(event.awaited_by or event.fact_position, event)
            deleted = _deleted(event, says)
            found._ours |= dict.fromkeys(zip(event.gone_from, event.gone, strict=True), deleted)
        return found

    def of_value(self, position: int, category: str) -> Deleted | None:
        """Return what deleted a value that came with the event at a position."""
        return self._ours.get((position, category))

    def of_outside(self, position: int, category: str, held_in: str | None) -> Deleted | None:
        """Return what deleted a value in the system that held it."""
        if held_in is None:
            return None
        meant = (
            event
            for event in self._elsewhere
            if event.held_in == held_in
            and position < event.moment.position
            and (not event.names_collections or position in event.collections)
            and holds(event.categories, category)
        )
        return next((_deleted(event, event) for event in meant), None)


def _deleted(event: DataDeleted, says: DataDeleted) -> Deleted:
    how = ANONYMISED if isinstance(event, DataAnonymised) else DELETED
    return Deleted(how, says.fact, event.occurred_at, says.reason)
