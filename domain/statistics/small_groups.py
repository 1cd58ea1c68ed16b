"""Tables of counts about groups of people, and the small groups that follow from them.

A cell is the count of those `where` some dimensions have some values; without any it is the total. A small group has
fewer than k persons, and at least one. `follows` returns the releases that show one; `suppress` returns the cells of a
table that can be released without showing one. The values of one dimension are taken to exclude each other; periods
do not.

Source of the notions: statistical disclosure control (primary and complementary suppression, differencing attacks).
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.statistics.cells import Cell
from domain.statistics.combined_counts import TOO_MANY_COUNTS, Combined, combined
from domain.statistics.comparisons import DIMENSION_SETS_MAX, compared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from domain.statistics.exact import Work

MOVES_MAX: Final = 512
"""For a table with more cells than this, `suppress` withholds every total that cuts off a small group."""


_Words = tuple[str, ...]


def follows(before: Iterable[Cell], new: Iterable[Cell], k: int) -> list[tuple[int, ...]]:
    """Return the releases from which each small group follows, the new one among them; none if no group does."""
    return [group.releases for group in groups(before, new, k).groups]


def groups(before: Iterable[Cell], new: Iterable[Cell], k: int, work: Work | None = None) -> Combined:
    """Return a small group for each set of releases from which one follows, the new one among them.

    Counts are compared with each other first, also those of different times. If that shows no group, all that one
    population can have are combined. Where not all can be looked at, the result says so.
    """
    earlier, own = list(before), list(new)
    if found := compared(earlier, own, k):
        return Combined(found)
    result = combined(earlier, own, k, work)
    sets = {frozenset(cell.where) for cell in (*earlier, *own)}
    if result.contradicting and len(sets) > DIMENSION_SETS_MAX:
        return result._replace(unsettled=result.unsettled or TOO_MANY_COUNTS)
    return result


def suppress(cells: Iterable[Cell], dimensions: Sequence[str], k: int) -> list[Cell]:
    """Return what may be released of a table: cells and totals of at least k persons that show no small group.

    `cells` are the finest cells, each with a value of every dimension, such as `unknown`. The totals are made here. The
    result begins with the totals of the fewest dimensions and the most persons, which are kept first. An empty cell
    counts as known to be empty. No union of finest cells that can be worked out from the result has 1 to k - 1 persons.
    Raises ValueError for a cell of other dimensions, or one given twice.
    """
    finest: dict[_Words, int] = {}
    for cell in cells:
        values = tuple(cell.where.get(name, "") for name in dimensions)
        if cell.where.keys() != set(dimensions) or values in finest:
            raise ValueError("Each finest cell has one value of every dimension, and is given once.")
        finest[values] = cell.persons
    finest = {values: persons for values, persons in sorted(finest.items()) if persons}
    guarded = _Guarded(list(finest.values()), k)
    kept = []
    for size in range(len(dimensions) + 1):
        groups: dict[tuple[tuple[str, str], ...], list[int]] = defaultdict(list)
        for places in combinations(range(len(dimensions)), size):
            for number, values in enumerate(finest):
                groups[tuple((dimensions[place], values[place]) for place in places)].append(number)
        totals = ((sum(guarded.persons[one] for one in group), where, group) for where, group in groups.items())
        for persons, where, group in sorted(totals, key=lambda total: (-total[0], total[1])):
            if persons >= k and guarded.admits(group):
                kept.append(Cell(dict(where), persons))
    return kept


_Move = dict[int, int]
"""How many persons more, or fewer, each cell or block of cells has."""


class _Block(NamedTuple):
    size: int
    persons: int


class _Guarded:
    """The finest cells of a table, and what is known about them from the totals that were admitted.

    Cells that no admitted total distinguishes are one block. Within a block persons may be in any cell, so a known
    group consists of whole blocks, and a small one of small blocks. A move shows that no group with a given small block
    is known: persons go from large blocks into it, from no small block, and no admitted total changes. Every small
    group with that block would have another count after the move.
    """

    def __init__(self, persons: Sequence[int], k: int) -> None:
        self.persons = persons
        self._k = k
        self._block_of = [0] * len(persons)
        self._blocks = {0: _Block(len(persons), sum(persons))}
        self._small = {0} if sum(persons) < k else set()
        self._moves: list[_Move] | None = None
        """A basis of all moves that change no admitted total; None: the table is too large to keep one."""
        if len(persons) <= MOVES_MAX:
            self._moves = [{cell: 1} for cell in range(len(persons))]

    def admits(self, group: Sequence[int]) -> bool:
        """Admit a total over some cells unless a small group would follow; return whether it was admitted."""
        inside: dict[int, list[int]] = defaultdict(list)
        for cell in group:
            inside[self._block_of[cell]].append(cell)
        changed: dict[int, _Block] = {}
        moved: dict[int, int] = {}
        for block, cells in inside.items():
            whole = self._blocks[block]
            if len(cells) < whole.size:
                cut_off = len(self._blocks) + len(changed) // 2
                changed[cut_off] = part = _Block(len(cells), sum(self.persons[cell] for cell in cells))
                changed[block] = _Block(whole.size - part.size, whole.persons - part.persons)
                moved |= dict.fromkeys(cells, cut_off)
        small = (self._small - changed.keys()) | {block for block, of in changed.items() if of.persons < self._k}
        moves = None if self._moves is None else _without_changing(self._moves, group)
        if small:
            if moves is None:
                return False
            block_of = [moved.get(cell, block) for cell, block in enumerate(self._block_of)]
            if not _reach(small, [_by_block(move, block_of) for move in moves], self._blocks | changed):
                return False
        self._blocks |= changed
        self._small, self._moves = small, moves
        for cell, block in moved.items():
            self._block_of[cell] = block
        return True


def _without_changing(moves: Sequence[_Move], group: Iterable[int]) -> list[_Move]:
    """Return a basis of the moves that do not change the total over a group."""
    members = set(group)
    changes = [sum(by for cell, by in move.items() if cell in members) for move in moves]
    changing = [(len(move), place) for place, (move, change) in enumerate(zip(moves, changes, strict=True)) if change]
    if not changing:
        return list(moves)
    pivot = min(changing)[1]
    return [
        _combined(move, changes[pivot], moves[pivot], -change) if change else move
        for place, (move, change) in enumerate(zip(moves, changes, strict=True))
        if place != pivot
    ]


def _reach(small: set[int], moves: Iterable[_Move], blocks: Mapping[int, _Block]) -> bool:
    """Return whether each small block gains by a move that takes from large blocks alone, and what they have."""
    left = [move for move in moves if not small.isdisjoint(move)]
    solved: list[_Move] = []
    for block in sorted(small):
        leading = min((move for move in left if block in move), key=len, default=None)
        if leading is not None:
            left.remove(leading)
            left = [_cleared(move, leading, block) for move in left]
            solved = [*(_cleared(move, leading, block) for move in solved), leading]
    reached: set[int] = set()
    for move in solved:
        gaining = next(by for block, by in sorted(move.items()) if block in small)
        towards = {block: by if gaining > 0 else -by for block, by in move.items()}
        if all(by > 0 if block in small else blocks[block].persons + by >= 0 for block, by in towards.items()):
            reached |= small & towards.keys()
    return reached == small


def _cleared(move: _Move, leading: _Move, block: int) -> _Move:
    """Add a multiple of another move to a move, so that a block does not change."""
    return _combined(move, leading[block], leading, -move[block]) if block in move else move


def _combined(one: _Move, times: int, other: _Move, other_times: int) -> _Move:
    """Add multiples of two moves, in the smallest whole numbers."""
    total = {key: by * times for key, by in one.items()}
    for key, by in other.items():
        total[key] = total.get(key, 0) + by * other_times
    shared = gcd(*total.values()) or 1
    return {key: by // shared for key, by in total.items() if by}


def _by_block(move: _Move, block_of: Sequence[int]) -> _Move:
    total: _Move = defaultdict(int)
    for cell, by in move.items():
        total[block_of[cell]] += by
    return {block: by for block, by in total.items() if by}
