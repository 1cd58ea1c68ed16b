"""By which links several records are one person's.

Each of the streams that a link joins has an event of it, so the link is listed once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from projections.access_report.parts import LinkEntry

if TYPE_CHECKING:
    from uuid import UUID

    from domain.events.links import CustomersLinked


@dataclass(slots=True)
class Links:
    """The links so far, by the position of the fact and the streams that it joined."""

    _made: dict[tuple[int, tuple[UUID, ...]], LinkEntry] = field(default_factory=dict)

    def take(self, event: CustomersLinked, entry_corrected_by: str | None) -> None:
        """Fold one event of a link."""
        streams = tuple(sorted((event.originator_id, *event.others)))
        link = LinkEntry(
            event.fact,
            event.occurred_at,
            tuple(map(str, streams)),
            event.method,
            event.evidence,
            event.actor,
            entry_corrected_by,
        )
        self._made.setdefault((event.fact_position, streams), link)

    def listed(self) -> tuple[LinkEntry, ...]:
        """Return the links in the order in which they first appear."""
        return tuple(self._made.values())
