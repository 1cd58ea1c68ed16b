"""Which values were deleted in part, by whom they were, and what that says at their place in a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from domain.events.deletions import DataAnonymised, DataDeleted
from projections.access_report.parts import ANONYMISED, DELETED, Deleted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from domain.events import Event


@dataclass(slots=True)
class Deletions:
    """The deletions of a person's values: ours by position and category, and those of other systems."""

    _ours: dict[tuple[int, str], Deleted] = field(default_factory=dict)
    _elsewhere: dict[tuple[int, str], Deleted] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Event], seen: Iterable[Event]) -> Self:
        """Take the deletions among all events of a person: what is gone is gone, whatever moment a report is as of.

        Of what other systems deleted, only what is `seen` as of that moment counts.
        """
        found = cls()
        told = sorted((one for one in events if isinstance(one, DataDeleted)), key=attrgetter("moment.position"))
        by_fact = {event.fact_position: event for event in reversed(told)}
        known = {event.moment.position for event in seen}
        for event in told:
            # What waited for a collection says why by its own fact; so does what another stream's event belongs to.
            says = by_fact.get(event.awaited_by or event.fact_position, event)
            gone = dict.fromkeys(zip(event.gone_from, event.gone, strict=True), _deleted(event, says))
            if not event.elsewhere:
                found._ours |= gone
            elif event.moment.position in known:
                found._elsewhere |= gone
        return found

    def of_value(self, position: int, category: str) -> Deleted | None:
        """Return what deleted a value that came with the event at a position."""
        return self._ours.get((position, category))

    def of_elsewhere(self, position: int, category: str) -> Deleted | None:
        """Return what deleted a value in the system that held it."""
        return self._elsewhere.get((position, category))


def _deleted(event: DataDeleted, says: DataDeleted) -> Deleted:
    how = ANONYMISED if isinstance(event, DataAnonymised) else DELETED
    return Deleted(how, says.fact, event.occurred_at, says.reason)
