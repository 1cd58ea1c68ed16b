"""Small groups that follow from counts of one time by taking complements of complements.

Who is in a cell and has not a further value is the cell's count without that of the narrower cell. What follows so
is known as well, and gives more: of 100 persons, of whom 60 have the one value, 60 the other and 25 both, 5 have
neither (inclusion and exclusion).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from domain.statistics.cells import Cell

DERIVED_MAX: Final = 20_000
"""After so many cells that follow, no more are sought."""


class _Literal(NamedTuple):
    """That a dimension has a value, or that it has not."""

    name: str
    value: str
    holds: bool


_Where = frozenset[_Literal]


class _Derived(NamedTuple):
    persons: int
    counts: tuple[Cell, ...]


def small(before: Sequence[Cell], new: Sequence[Cell], k: int) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """Yield the size of each small group that follows, and the counts that give it, one of the new release among them.

    Asked of the new release; and of all together, if no two releases count one cell differently: else their counts are
    of different times.
    """
    release = new[0].release if new else 0
    for cells in (new, [*before, *new] if before and _agree([*before, *new]) else []):
        for persons, counts in _small(cells, k):
            if any(one.release == release for one in counts):
                yield persons, counts


def _agree(cells: Iterable[Cell]) -> bool:
    counted: dict[_Where, int] = {}
    return all(counted.setdefault(_where(cell), cell.persons) == cell.persons for cell in cells)


def _where(cell: Cell) -> _Where:
    return frozenset(_Literal(name, value, holds=True) for name, value in cell.where.items())


def _small(cells: Iterable[Cell], k: int) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    known: dict[_Where, _Derived] = {}
    waiting: deque[_Where] = deque()
    narrower: dict[_Where, set[_Literal]] = {}

    def learn(where: _Where, persons: int, counts: tuple[Cell, ...]) -> None:
        if where not in known:
            known[where] = _Derived(persons, tuple({id(one): one for one in counts}.values()))
            waiting.append(where)

    for cell in cells:
        learn(_where(cell), cell.persons, (cell,))
    given = len(known)
    while waiting and len(known) < given + DERIVED_MAX:
        where = waiting.popleft()
        own = known[where]
        for literal in where:
            wider, other = where - {literal}, literal._replace(holds=not literal.holds)
            narrower.setdefault(wider, set()).add(literal)
            if (whole := known.get(wider)) is not None:
                learn(wider | {other}, whole.persons - own.persons, (*whole.counts, *own.counts))
        for literal in tuple(narrower.get(where, ())):
            part = known[where | {literal}]
            other = literal._replace(holds=not literal.holds)
            learn(where | {other}, own.persons - part.persons, (*own.counts, *part.counts))
    for number, derived in enumerate(known.values()):
        if number >= given and 0 < derived.persons < k:
            yield derived.persons, derived.counts
