"""Exact linear equations between numbers of persons, of which none is below 0: what each number is known to be.

An equation says that some blocks of people have so many persons together. `Equations` keeps them solved (reduced row
echelon form), with the equations as given that make up each. `infer_empty` adds what follows because no block has fewer
than 0 persons: every block that is empty in all solutions. After that, a sum of blocks is the same in every solution in
real numbers exactly if the equations give it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from domain.statistics.exact import ContradictionError, Equation, Times, Work
from domain.statistics.solution import Solution

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class Equations:
    """Solved equations, by the leading block of each, which stands in no other and in its own a positive number."""

    work: Work
    solved: dict[int, Equation] = field(default_factory=dict)
    given: list[frozenset[int]] = field(default_factory=list)
    """For each equation as given, by its number, the counts that it rests on."""
    _holding: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """For each block that leads no equation, the leading blocks of those that it stands in."""

    def add(self, blocks: Iterable[int], persons: int, counts: frozenset[int]) -> None:
        """Add that blocks have so many persons together, which rests on some counts."""
        self.given.append(counts)
        one = self._reduced(dict.fromkeys(blocks, 1), persons, {len(self.given) - 1: 1})
        if not one.of:
            if one.persons:
                raise ContradictionError
            return
        lead = min(one.of, key=lambda block: (len(self._holding[block]), abs(one.of[block]), block))
        if one.of[lead] < 0:
            one = Equation(_negative(one.of), -one.persons, _negative(one.sources))
        for other in self._holding.pop(lead):
            self._replace(other, self.solved[other].without(lead, one, self.work))
        self._replace(lead, one)

    def infer_empty(self) -> Solution:
        """Add each block that is empty in every solution, and return one solution; raise `ContradictionError`."""
        while True:
            solution = None
            empty = self._empty_by_one()
            if not empty:
                solution = Solution.of(self.solved, self.work)
                empty = solution.empty()
            if solution and not empty:
                return solution
            one = self._reduced(dict(empty), 0, {})
            counts = self.counts_of(one.sources)
            for block in empty:
                self.add((block,), 0, counts)

    def counts_of(self, sources: Iterable[int]) -> frozenset[int]:
        """Return the counts on which equations as given rest."""
        return frozenset[int]().union(*(self.given[one] for one in sources))

    def sources_of(self, blocks: Iterable[int]) -> set[int]:
        """Return the equations as given from which it follows how many persons blocks have together."""
        total: dict[int, Fraction] = defaultdict(Fraction)
        for block in blocks:
            if one := self.solved.get(block):
                for source, times in one.sources.items():
                    total[source] += Fraction(times, one.of[block])
        return {source for source, times in total.items() if times}

    def _reduced(self, of: Times, persons: int, sources: Times) -> Equation:
        """Return an equation without the leading blocks of the others."""
        one = Equation(of, persons, sources)
        for block in [block for block in of if block in self.solved]:
            one = one.without(block, self.solved[block], self.work)
        return one

    def _empty_by_one(self) -> Times:
        """Return the blocks of one equation that says by itself that several are empty."""
        for one in self.solved.values():
            if one.persons <= 0 and all(times > 0 for times in one.of.values()):
                if one.persons:
                    raise ContradictionError
                if len(one.of) > 1:
                    return one.of
        return {}

    def _replace(self, lead: int, one: Equation) -> None:
        before = self.solved.get(lead)
        gone = before.of.keys() - one.of.keys() if before else ()
        for block in gone:
            self._holding[block].discard(lead)
        for block in one.of:
            if block != lead:
                self._holding[block].add(lead)
        self.solved[lead] = one


def _negative(one: Times) -> Times:
    return {key: -times for key, times in one.items()}
