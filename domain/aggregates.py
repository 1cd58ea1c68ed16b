"""Tables of counts about groups of people, and the small groups that follow from them.

Promise: pure. A cell is the count of those `where` some dimensions have some values; without any it is the total. A
small group is one of fewer than k persons, and not of none. One follows from two cells if one is part of the other, or
the same, and they differ by so much; and from a cell and those that divide it by one dimension, by what is left over.

Source of the notions: statistical disclosure control (primary and complementary suppression, differencing attacks).
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, product
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

DIMENSIONS_MAX: Final = 8
"""So many dimensions less than a cell's own are looked at for a cell that it is part of."""
SUMS_MAX: Final = 4_096
"""Of one cell and one dimension, so many ways to choose a count for each part are tried at most."""


_Where = frozenset[tuple[str, str]]


class Cell(NamedTuple):
    """A released count of persons, and the release in which it stands."""

    where: Mapping[str, str]
    persons: int
    release: str = ""


def small_groups(before: Sequence[Cell], now: Sequence[Cell], k: int) -> Iterator[tuple[str, ...]]:
    """Give the releases from which each small group follows that did not follow from those before alone."""
    cells: dict[_Where, list[Cell]] = defaultdict(list)
    for cell in (*before, *now):
        cells[frozenset(cell.where.items())].append(cell)
    new = {id(cell) for cell in now}
    divisions: dict[tuple[_Where, str], list[list[Cell]]] = defaultdict(list)
    for where, narrow in cells.items():
        for broad in _parts_of(where):
            if broad in cells:
                yield from _differences(cells[broad], narrow, new, k)
        for item in where:
            if where - {item} in cells:
                divisions[where - {item}, item[0]].append(narrow)
    for (where, _), parts in divisions.items():
        if len(parts) > 1:
            yield from _remainders(cells[where], parts, new, k)


def _parts_of(where: _Where) -> Iterator[_Where]:
    """Give every condition that a cell's implies, its own included; of very many dimensions, the nearest ones."""
    items = sorted(where)
    for size in range(len(items), max(len(items) - DIMENSIONS_MAX, 0) - 1, -1):
        yield from map(frozenset, combinations(items, size))


def _differences(wide: Iterable[Cell], narrow: Iterable[Cell], new: set[int], k: int) -> Iterator[tuple[str, ...]]:
    for one in wide:
        for other in narrow:
            if (id(one) in new or id(other) in new) and 0 < abs(one.persons - other.persons) < k:
                yield one.release, other.release


def _remainders(
    wide: Iterable[Cell], parts: Sequence[Sequence[Cell]], new: set[int], k: int
) -> Iterator[tuple[str, ...]]:
    """Choose a count for each part, and hold their sum against each count of the whole."""
    ways = 1
    for part in parts:
        ways *= len(part)
    chosen = product(*parts) if ways <= SUMS_MAX else iter([tuple(part[-1] for part in parts)])
    for choice in chosen:
        total = sum(cell.persons for cell in choice)
        for one in wide:
            is_new = id(one) in new or any(id(cell) in new for cell in choice)
            if is_new and 0 < abs(one.persons - total) < k:
                yield (one.release, *(cell.release for cell in choice))
