"""Released counts as equations between blocks of people: those who are in the same released cells, and in no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.statistics.equations import Equations
from domain.statistics.exact import ContradictionError
from domain.statistics.independence import independent
from domain.statistics.remainders import Remainders, places_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.statistics.cells import Cell
    from domain.statistics.exact import Work
    from domain.statistics.solution import Solution


@dataclass(slots=True)
class Blocks:
    """The blocks into which some cells divide everybody, and the equations between them, solved."""

    cells: Sequence[Cell]
    new_from: int
    """The place of the first cell of the new release; those of earlier ones come before."""
    equations: Equations
    solution: Solution

    @classmethod
    def of(cls, cells: Sequence[Cell], new_from: int, work: Work) -> Blocks:
        """Divide everybody; raise `ContradictionError` if no population has these counts."""
        equations = Equations(work)
        remainders = Remainders(_members(cells, work), work)
        # What earlier counts show does not rest on a new one.
        for part in (range(new_from), range(new_from, len(cells))):
            for place in part:
                remainders.enter(place, cells[place])
            for blocks, counts in remainders.newly_empty():
                for block in blocks:
                    equations.add((block,), 0, counts)
            # The counts of the fewest blocks first: the sums of others then say nothing new, and cost little.
            for blocks, persons, counts in sorted(remainders.least(part), key=lambda one: len(one[0])):
                equations.add(blocks, persons, counts)
            solution = equations.infer_empty()
        if any(len(one.of) == 1 and one.persons % one.of[lead] for lead, one in equations.solved.items()):
            raise ContradictionError
        return cls(cells, new_from, equations, solution)

    @property
    def known(self) -> dict[int, int]:
        """How many persons each block has of which that is known; those that are empty from the start are left out."""
        solved = self.equations.solved.items()
        return {block: one.persons // one.of[block] for block, one in solved if len(one.of) == 1}

    def counts_of(self, blocks: Iterable[int]) -> list[int]:
        """Return the places of the counts from which it follows how many persons blocks have together."""
        return sorted(self.equations.counts_of(self.equations.sources_of(blocks)))


def divided(before: Sequence[Cell], new: Sequence[Cell], work: Work) -> list[Blocks]:
    """Return the blocks of all counts, apart where counts say nothing about each other."""
    cells = [*before, *new]
    return [
        Blocks.of([cells[place] for place in places], new_from, work)
        for places, new_from in independent(cells, len(before), work)
    ]


def _members(cells: Sequence[Cell], work: Work) -> list[int]:
    """Return the blocks in each cell, as bits."""
    members = [0] * len(cells)
    divided_by = _inside(cells, work)
    for block, inside in enumerate(divided_by):
        places = places_of(inside)
        work.take(len(places) * (1 + len(divided_by) // 512))
        for place in places:
            members[place] |= 1 << block
    return members


def _inside(cells: Sequence[Cell], work: Work) -> list[int]:
    """Return each set of cells that somebody can be in, and in no others, as bits."""
    found = {(1 << len(cells)) - 1}
    size = 1 + len(cells) // 64  # So many words of memory does a set of cells take.
    for name in sorted({name for cell in cells for name in cell.where}):
        elsewhere, holding = 0, dict[str, int]()
        for place, cell in enumerate(cells):
            if (value := cell.where.get(name)) is None:
                elsewhere |= 1 << place
            else:
                work.take(size)
                holding[value] = holding.get(value, 0) | 1 << place
        work.take(len(cells) // 16)
        work.take((4 + size // 8) * len(found) * (len(holding) + 1))
        found = {bits & holds for bits in found for holds in (elsewhere, *(elsewhere | of for of in holding.values()))}
    return sorted(found - {0})
