"""Which cells of a table may go to a recipient, given all that the recipient got before.

The cells that `releasable` lets through show no small group: not by themselves, not together with an earlier release to
the same reader, and not if one period contains another. The rule kind `cells_large_enough` uses `small_groups.groups`
too, so it agrees; it treats a period like any other value, and this module compares periods besides. Each cell that is
held back comes with the earlier releases that stand against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.statistics import small_groups
from domain.statistics.cells import Cell
from domain.statistics.combined_counts import STEPS_MAX as STEPS_AT_ONCE_MAX
from domain.statistics.comparisons import compared
from domain.statistics.dimensions import PERIOD, Period
from domain.statistics.exact import Work
from domain.statistics.periods import contains, period_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from domain.records.company import Released
    from domain.statistics.cells import Group


STEPS_MAX: Final = 10 * STEPS_AT_ONCE_MAX
"""How many steps are taken in all to find the cells that can be released: ten seconds or so."""


class HeldBack(NamedTuple):
    """A cell that must not be released, and the earlier releases with which it would or may show a small group."""

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

    All cells have the position of the new release, 0 until it is recorded. Counts are compared with each other first,
    because that is fast. Then all are combined. Where the steps do not suffice to show that no small group follows, a
    cell is held back as well.
    """
    kept, held_back = _divided(cells, lambda new: _compared(new, known, k))
    work = Work(STEPS_MAX)
    kept, also_held_back = _divided(kept, lambda new: _combined(new, known, k, work))
    return kept, [*held_back, *also_held_back]


def _divided(
    cells: Sequence[Cell], against: Callable[[Sequence[Cell]], Iterable[int]]
) -> tuple[list[Cell], list[HeldBack]]:
    """Divide cells until those against which no release stands are told from the others."""
    kept: list[Cell] = []
    held_back: list[HeldBack] = []
    waiting = [list(cells)]
    while waiting:
        part = waiting.pop()
        stand_against = tuple(against([*kept, *part])) if part else ()
        if not stand_against:
            kept += part
        elif len(part) == 1:
            held_back.append(HeldBack(part[0], stand_against))
        else:
            half = len(part) // 2
            waiting += [part[half:], part[:half]]
    return kept, held_back


def _compared(new: Sequence[Cell], known: Iterable[Sequence[Cell]], k: int) -> dict[int, None]:
    """Return the releases with which new cells show a small group, when counts are compared with each other."""
    found: dict[int, None] = {}
    for before in known:
        found |= _releases(compared(before, new, k), new)
        found |= dict.fromkeys(_by_periods(before, new, k))
    return found


def _combined(new: Sequence[Cell], known: Iterable[Sequence[Cell]], k: int, work: Work) -> dict[int, None]:
    """Return the releases with which new cells show a small group, or may show one."""
    found: dict[int, None] = {}
    for before in known:
        some = Work(min(STEPS_AT_ONCE_MAX, work.left))
        work.left -= some.left
        result = small_groups.groups(before, new, k, some)
        work.left += max(some.left, 0)
        found |= _releases(result.groups, new)
        if result.unsettled and not result.groups:
            found |= dict.fromkeys({cell.release: None for cell in before} or [new[0].release])
    return found


def _releases(groups: Iterable[Group], new: Sequence[Cell]) -> dict[int, None]:
    """Return the earlier releases from which groups follow; that of the new cells, where one follows from it alone."""
    own = new[0].release
    return {name: None for one in groups for name in ([other for other in one.releases if other != own] or [own])}


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
        return cls(others, period_of(cell.where.get(PERIOD)), cell.persons, cell.release)

    def holds(self, other: _Bounded) -> bool:
        """Return whether everybody in another cell is in this one, if nobody came or left meanwhile."""
        return self.where <= other.where and contains(self.period, other.period)
