"""What is left of a cell beside the narrower cells that divide it by one dimension: the shortest equations there are.

The values of a dimension exclude each other, so what is left of a cell has the cell's persons without those of the
narrower cells. Where that is nobody, its blocks are empty. Such equations give the same as the counts themselves, and
are solved much faster.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.statistics.exact import ContradictionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from domain.statistics.cells import Cell
    from domain.statistics.exact import Work

_Where = frozenset[tuple[str, str]]


@dataclass(slots=True)
class Remainders:
    """The counts that were entered, by their cells; the same cell counts once."""

    members: Sequence[int]
    """For each count, the blocks of its cell, as bits."""
    work: Work
    _places: dict[_Where, int] = field(default_factory=dict)
    _persons: dict[_Where, int] = field(default_factory=dict)
    _parts: dict[_Where, dict[str, list[_Where]]] = field(default_factory=dict)
    """For each cell, entered or not, the narrower ones by the dimension that divides it into them."""
    _empty: int = 0
    """The blocks that are known to be empty, as bits."""

    def enter(self, place: int, cell: Cell) -> None:
        """Enter a count; the first of those of one cell stands for all. Raise `ContradictionError` if they differ."""
        where = frozenset(cell.where.items())
        if where in self._places:
            if self._persons[where] != cell.persons:
                raise ContradictionError
            return
        self._places[where], self._persons[where] = place, cell.persons
        for item in where:
            self._parts.setdefault(where - {item}, {}).setdefault(item[0], []).append(where)

    def newly_empty(self) -> Iterator[tuple[list[int], frozenset[int]]]:
        """Yield blocks that are empty because a cell or a remainder is, and the counts that say so."""
        before = -1
        while before != self._empty:
            before = self._empty
            for where in self._places:
                for blocks, persons, counts in self._of(where):
                    if persons <= 0 and (left := blocks & ~self._empty):
                        if persons:
                            raise ContradictionError
                        self._empty |= left
                        yield places_of(left), counts

    def least(self, part: Iterable[int]) -> Iterator[tuple[list[int], int, frozenset[int]]]:
        """Yield for each count of a part the least remainder: its blocks, its persons, and the counts that say so."""
        places = set(part)
        for where, place in self._places.items():
            if place in places:
                blocks, persons, counts = min(self._of(where), key=lambda one: (one[0] & ~self._empty).bit_count())
                yield places_of(blocks), persons, counts

    def _of(self, where: _Where) -> Iterator[tuple[int, int, frozenset[int]]]:
        """Yield a cell, and its remainders, as the blocks, their persons, and the counts that say so."""
        place = self._places[where]
        yield self.members[place], self._persons[where], frozenset({place})
        for parts in self._parts.get(where, {}).values():
            self.work.take(len(parts) // 16)
            blocks, persons = self.members[place], self._persons[where]
            for one in parts:
                blocks &= ~self.members[self._places[one]]
                persons -= self._persons[one]
            yield blocks, persons, frozenset({place, *(self._places[one] for one in parts)})


def places_of(bits: int) -> list[int]:
    """Return the places of the bits that are set."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found
