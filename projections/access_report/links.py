"""By which links several records are one person's, or were, until somebody parted them.

Each of the streams that a link joins has an event of it, so the link is listed once for all of them. A link that was
undone for some of them is listed twice: with all, until then, and with those that are still one. What a fact only says
once more, of links of a later time, is listed where others are left of these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.events.links import CustomersUnlinked
from projections.access_report.parts import LinkEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from domain.events.links import CustomersLinked


@dataclass(slots=True)
class Links:
    """The links so far, by the position of the fact and the streams that it joined, and what undid any."""

    _made: dict[tuple[int, tuple[UUID, ...]], LinkEntry] = field(default_factory=dict)
    _unlinks: list[CustomersUnlinked] = field(default_factory=list)
    _follow: set[tuple[int, tuple[UUID, ...]]] = field(default_factory=set)
    """Those that only say once more what links of a later time do."""

    def take(self, event: CustomersLinked | CustomersUnlinked, entry_corrected_by: str | None) -> None:
        """Fold one event of a link, or of what undid links."""
        if isinstance(event, CustomersUnlinked):
            self._unlinks.append(event)
            return
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
        if event.follows:
            self._follow.add((event.fact_position, streams))

    def listed(self) -> tuple[LinkEntry, ...]:
        """Return the links in the order in which they first appear."""
        return tuple(
            entry
            for key, link in self._made.items()
            for entry in self._parted(link, key[0])
            if key not in self._follow or (entry.until is None and entry != link)
        )

    def _parted(self, link: LinkEntry, told: int) -> Iterator[LinkEntry]:
        """Yield a link as it stands, and as it stood before some of its streams were parted."""
        is_whole = True
        for unlink in self._unlinks:
            parted = set(map(str, unlink.others)).intersection(link.streams)
            if not parted or str(unlink.originator_id) not in link.streams or unlink.moment.position < told:
                continue
            ended = link._replace(until=unlink.occurred_at, undone_by=unlink.fact, by_erasure=bool(unlink.by_erasure))
            yield ended._replace(method=None, evidence=None, undone_method=unlink.method)
            link = link._replace(streams=tuple(stream for stream in link.streams if stream not in parted))
            is_whole = False
        if is_whole or len(link.streams) > 1:
            yield link
