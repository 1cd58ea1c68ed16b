"""Which cells of a table may go to a recipient, given all that the recipient got before.

The cells that `releasable` lets through show no small group: not by themselves, not together with an earlier release to
the same reader, and not if one period contains another. The rule kind `cells_large_enough` uses `small_groups.follows`
too, so it agrees; it treats a period like any other value, and this module compares periods besides. Each cell that is
held back comes with the earlier releases that stand against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.statistics.cells import Cell
from domain.statistics.dimensions import PERIOD, Period
from domain.statistics.periods import contains, read_period
from domain.statistics.small_groups import follows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from domain.records.company import Released


class HeldBack(NamedTuple):
    """A cell that must not be released, and the earlier releases with which it would show a small group."""

    cell: Cell
    releases: tuple[int, ...]
    """By their positions; 0 stands for the new one."""


def known_to(recipient: str | None, releases: Sequence[Released]) -> list[list[Cell]]:
    """Return the cells that each reader of a release to a recipient knows already, in order of time.

    Every recipient of an earlier release reads a release that names no recipient (None), and knows such releases.
    """
    readers = {recipient: None}
    if recipient is None:
        readers |= dict.fromkeys(one.recipient for one in releases)
    return [
        [
            Cell(where, persons, one.position)
            for one in releases
            if one.recipient in {None, reader}
            for where, persons in one.cells
        ]
        for reader in readers
    ]


def releasable(cells: Sequence[Cell], known: Sequence[Sequence[Cell]], k: int) -> tuple[list[Cell], list[HeldBack]]:
    """Return the cells that can go to readers who know this, and those that are held back; earlier cells go first.

    All cells have the position of the new release, 0 until it is recorded.
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


def _against(new: Sequence[Cell], known: Iterable[Sequence[Cell]], k: int) -> tuple[int, ...]:
    """Return the releases with which new cells show a small group; none if they do not."""
    own = new[0].release
    found: dict[int, None] = {}
    for before in known:
        for group in follows(before, new, k):
            # A group that follows from the new release alone has that release's position.
            found |= dict.fromkeys([name for name in group if name != own] or [own])
        found |= dict.fromkeys(_by_periods(before, new, k))
    return tuple(found)


def _by_periods(before: Sequence[Cell], new: Sequence[Cell], k: int) -> Iterator[int]:
    """Return the releases whose period contains another or lies in it, where the counts differ by a small group."""
    if not any(PERIOD in one.where for one in (*before, *new)):
        return
    earlier = [_Bounded.of(one) for one in before]
    for one in map(_Bounded.of, new):
        for other in earlier:
            if one.period == other.period:
                continue
            lacking = other.persons - one.persons if other.holds(one) else 0
            lacking = one.persons - other.persons if one.holds(other) else lacking
            if 0 < lacking < k:
                yield other.release


class _Bounded(NamedTuple):
    """A cell, with its period apart from its other values."""

    where: frozenset[tuple[str, str]]
    period: Period
    persons: int
    release: int

    @classmethod
    def of(cls, cell: Cell) -> _Bounded:
        others = frozenset(item for item in cell.where.items() if item[0] != PERIOD)
        return cls(others, _period_of(cell), cell.persons, cell.release)

    def holds(self, other: _Bounded) -> bool:
        """Return whether everybody in another cell is in this one, if nobody came or left meanwhile."""
        return self.where <= other.where and contains(self.period, other.period)


def _period_of(cell: Cell) -> Period:
    """Return the period of a cell. One in another form contains every period, to be safe."""
    return read_period(cell.where.get(PERIOD, "")) or Period()
