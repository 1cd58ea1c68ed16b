"""A slow and obvious reckoning of what follows from released counts: try every table that has them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from domain.statistics.cells import Cell

SPARE = 3
"""A cell that no released count bounds is tried with up to so many persons more than it has."""

Finest = tuple[tuple[str, str], ...]
"""The dimensions of a finest cell, with their values."""


def shows_a_small_group(table: Mapping[Finest, int], released: Sequence[Cell], k: int) -> bool:
    """Return whether some cells with 1 to k - 1 persons in all have as many in every table with these released counts.

    Where nobody is, nobody is in any of the tables: the reader knows which cells are empty.
    """
    cells = [cell for cell, persons in table.items() if persons]
    in_question = {
        union
        for size in range(1, len(cells) + 1)
        for union in combinations(cells, size)
        if sum(table[cell] for cell in union) < k
    }
    for other in _tables(table, cells, released):
        in_question = {
            union for union in in_question if sum(other[cell] for cell in union) == sum(table[cell] for cell in union)
        }
        if not in_question:
            return False
    return True


def _tables(
    table: Mapping[Finest, int], cells: Sequence[Finest], released: Sequence[Cell]
) -> Iterator[dict[Finest, int]]:
    """Return each way to put persons into cells by which the released counts come out."""
    members = [[cell for cell in cells if one.where.items() <= dict(cell).items()] for one in released]
    left = [one.persons for one in released]
    last = [max((cells.index(cell) for cell in of), default=-1) for of in members]
    chosen: dict[Finest, int] = {}

    def choose(place: int) -> Iterator[dict[Finest, int]]:
        if place == len(cells):
            yield chosen
            return
        cell = cells[place]
        rows = [row for row, of in enumerate(members) if cell in of]
        most = min((left[row] for row in rows), default=table[cell] + SPARE)
        least = max((left[row] for row in rows if last[row] == place), default=0)
        for persons in range(least, most + 1):
            chosen[cell] = persons
            for row in rows:
                left[row] -= persons
            yield from choose(place + 1)
            for row in rows:
                left[row] += persons

    return choose(0)
