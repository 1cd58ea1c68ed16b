"""What of a table may go to a recipient, given all that they were given before.

What `releasable` lets through gives no small group away: not by itself, not with any earlier release to the same
reader, and not where one period holds another. The rule kind `cells_large_enough` asks `small_groups.follows` as well,
so it judges alike; that treats a period as any other value, and this module knows more of periods. What is held back
comes with the earlier releases that stand against it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from domain.statistics.dimensions import PERIOD, Span
from domain.statistics.small_groups import Cell, follows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from domain.records.company import Released


class HeldBack(NamedTuple):
    """A cell that must not go out, and the earlier releases with which it would give a small group away."""

    cell: Cell
    releases: tuple[str, ...]


def known_to(recipient: str | None, releases: Sequence[Released]) -> list[list[Cell]]:
    """Give what each reader of a release to a recipient knows already, in order of time.

    A release to nobody in particular (None) has every recipient of earlier ones for a reader, and is known to each.
    """
    readers = {recipient: None}
    if recipient is None:
        readers |= dict.fromkeys(one.recipient for one in releases)
    return [
        [
            Cell(where, persons, one.name)
            for one in releases
            if one.recipient in {None, reader}
            for where, persons in one.cells
        ]
        for reader in readers
    ]


def releasable(cells: Sequence[Cell], known: Sequence[Sequence[Cell]], k: int) -> tuple[list[Cell], list[HeldBack]]:
    """Tell what of a suppressed table can go out to readers who know this, and what not; the first cells are preferred.

    All cells bear the name of the new release, which is none of those known.
    """
    kept: list[Cell] = []
    held_back: list[HeldBack] = []
    waiting = [list(cells)]
    while waiting:
        part = waiting.pop()
        against = _against([*kept, *part], known, k) if part else ()
        if not against:
            kept += part
        elif len(part) == 1:
            held_back.append(HeldBack(part[0], against))
        else:
            half = len(part) // 2
            waiting += [part[half:], part[:half]]
    return kept, held_back


def _against(new: Sequence[Cell], known: Iterable[Sequence[Cell]], k: int) -> tuple[str, ...]:
    """Give the releases with which new cells give a small group away; none if they do not."""
    own = new[0].release
    found: dict[str, None] = {}
    for before in known:
        for group in follows(before, new, k):
            # A group that follows from the new release alone is told by its own name.
            found |= dict.fromkeys([name for name in group if name != own] or [own])
        found |= dict.fromkeys(_by_periods(before, new, k))
    return tuple(found)


def _by_periods(before: Sequence[Cell], new: Sequence[Cell], k: int) -> Iterator[str]:
    """Give the releases of which a period holds another, and with it all but a small group."""
    if not any(PERIOD in one.where for one in (*before, *new)):
        return
    earlier = [_Bounded.of(one) for one in before]
    for one in map(_Bounded.of, new):
        for other in earlier:
            if one.span == other.span:
                continue
            lacking = other.persons - one.persons if other.holds(one) else 0
            lacking = one.persons - other.persons if one.holds(other) else lacking
            if 0 < lacking < k:
                yield other.release


class _Bounded(NamedTuple):
    """A cell, its period apart from its other values."""

    where: frozenset[tuple[str, str]]
    span: Span
    persons: int
    release: str

    @classmethod
    def of(cls, cell: Cell) -> _Bounded:
        others = frozenset(item for item in cell.where.items() if item[0] != PERIOD)
        return cls(others, span_of(cell.where.get(PERIOD)), cell.persons, cell.release)

    def holds(self, other: _Bounded) -> bool:
        """Tell whether everybody in another cell is in this one, had nobody come or gone meanwhile."""
        return self.where <= other.where and _lasts(self.span, other.span)


def _lasts(wide: Span, narrow: Span) -> bool:
    begins = wide.since is None or (narrow.since is not None and narrow.since >= wide.since)
    return begins and (wide.until is None or (narrow.until is not None and narrow.until <= wide.until))


def span_of(text: str | None) -> Span:
    """Read a period as `Span` writes it; one in other words holds every other, so that nothing is taken for safe."""
    since, _, until = (text or "../..").partition("/")
    return Span(_end(since), _end(until))


def _end(text: str) -> datetime | None:
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        return None
    return end if end.tzinfo else None
