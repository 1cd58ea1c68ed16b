"""The small groups among blocks of people: each union of blocks that has the same size in every population.

Such a union has fewer than k persons everywhere. So it consists of blocks that have fewer than k in every population,
which the simplex method finds; few of these are left, as a rule, and their unions are searched one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from domain.statistics.exact import ContradictionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.statistics.blocks import Blocks
    from domain.statistics.exact import Work
    from domain.statistics.solution import Solution

_Shares = dict[int, Fraction]


def small_unions(blocks: Blocks, k: int, work: Work) -> Iterator[tuple[int, frozenset[int]]]:
    """Yield each small group that follows, as its size and its blocks: single blocks, then the least unions."""
    for block, persons in blocks.known.items():
        if 0 < persons < k:
            yield persons, frozenset({block})
    small = _always_small(blocks, k, work)
    search = _Search(_rows(blocks.solution, small), small, k, work)
    search.narrow()
    yield from search.unions()


def _rows(solution: Solution, small: set[int]) -> dict[int, tuple[_Shares, Fraction]]:
    """Return what small leading blocks lack of their persons for each person in another block, and their persons."""
    return {
        lead: (
            {block: Fraction(times, one.of[lead]) for block, times in one.of.items() if block != lead},
            Fraction(one.persons, one.of[lead]),
        )
        for lead, one in solution.rows.items()
        if lead in small
    }


def _always_small(blocks: Blocks, k: int, work: Work) -> set[int]:
    """Return the blocks that have fewer than k persons in every population, and not the same number in each."""
    solution = blocks.solution
    small: set[int] = set()
    left = solution.open - solution.large(k)
    while left:
        block = min(left)
        work.take(1)
        if not solution.reaches(block, k):
            small.add(block)
        left -= {block, *solution.large(k)}
    return small - solution.large(k)


@dataclass(slots=True)
class _Search:
    """The search for unions of blocks that lead an equation, with others that this equation then asks for."""

    rows: dict[int, tuple[_Shares, Fraction]]
    small: set[int]
    k: int
    work: Work

    def narrow(self) -> None:
        """Leave out leading blocks that are in no union: another block of theirs is never balanced."""
        while True:
            columns: dict[int, list[tuple[int, Fraction]]] = {}
            for lead, (others, _) in self.rows.items():
                self.work.take(len(others))
                for block, times in others.items():
                    columns.setdefault(block, []).append((lead, times))
            gone = {
                lead
                for block, entries in columns.items()
                for lead, times in entries
                if not self._can_balance(block, times, [other for another, other in entries if another != lead])
            }
            if not gone:
                return
            self.rows = {lead: row for lead, row in self.rows.items() if lead not in gone}

    def unions(self) -> Iterator[tuple[int, frozenset[int]]]:
        """Yield the unions, each with its size."""
        left = sorted(self.rows)
        for place, lead in enumerate(left):
            others, persons = self.rows[lead]
            yield from self._grown({lead}, others, persons, frozenset(left[place + 1 :]))

    def _grown(
        self, chosen: set[int], total: Mapping[int, Fraction], persons: Fraction, left: frozenset[int]
    ) -> Iterator[tuple[int, frozenset[int]]]:
        """Yield unions with some leading blocks, and with more of those that are left."""
        self.work.take(len(total) + 1)
        if persons >= self.k:
            return
        unbalanced = min((block for block, times in total.items() if not self._is_balanced(block, times)), default=None)
        if unbalanced is None:
            if persons.denominator > 1:
                raise ContradictionError
            if persons:
                yield int(persons), frozenset({*chosen, *total})
            return
        fitting = sorted(lead for lead in left if unbalanced in self.rows[lead][0])
        for lead in fitting:
            left -= {lead}
            others, more = self.rows[lead]
            yield from self._grown({*chosen, lead}, _sum(total, others), persons + more, left)

    def _is_balanced(self, block: int, times: Fraction) -> bool:
        """Return whether leading blocks leave a block out, or ask for it once."""
        return times == 1 and block in self.small

    def _can_balance(self, block: int, times: Fraction, others: list[Fraction]) -> bool:
        least, most = sum(other for other in others if other < 0), sum(other for other in others if other > 0)
        return times + least <= (1 if block in self.small else 0) and times + most >= 0


def _sum(one: Mapping[int, Fraction], other: Mapping[int, Fraction]) -> _Shares:
    total = {block: one.get(block, Fraction()) + other.get(block, Fraction()) for block in {**one, **other}}
    return {block: times for block, times in total.items() if times}
