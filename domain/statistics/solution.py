"""One way to put persons into blocks by which all counts come out, and how it moves to others (the simplex method).

A basic solution: each block that leads an equation has its persons, and every other block has none. Numbers are exact.
Bland's rule, the block of the least number first, comes to an end whatever the ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from domain.statistics.exact import ContradictionError, Equation, Times, Work, added

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUM: Final = -1
"""Stands in an equation for the sum of some blocks; blocks have numbers from 0 on."""


@dataclass(slots=True)
class Solution:
    """A solution of equations of which each has one leading block, which stands in it a positive number of times."""

    work: Work
    rows: dict[int, Equation]
    """By the leading block. Blocks that are known have none."""

    @classmethod
    def of(cls, equations: Mapping[int, Equation], work: Work) -> Solution:
        """Return a solution of equations by their leading blocks; raise `ContradictionError` if there is none."""
        rows = {lead: Equation(one.of, one.persons, {}) for lead, one in equations.items() if len(one.of) > 1}
        solution = cls(work, rows)
        solution._make_feasible()
        return solution

    @property
    def open(self) -> set[int]:
        """The blocks of which it is not known how many persons they have."""
        return set().union(*(one.of for one in self.rows.values()))

    def empty(self) -> Times:
        """Return blocks that have nobody in any solution, as numbers of times by which the equations say so."""
        waiting = self._not_seen_to_rise(self.open)
        while waiting:
            gain = self._gain(waiting)
            times = -gain.pop(_SUM)
            entering = min((block for block, by in gain.items() if by > 0), default=None)
            if entering is None:
                return added(dict.fromkeys(sorted(waiting), 1), times, gain, -1)
            self._enter(entering)
            waiting = self._not_seen_to_rise(waiting)
        return {}

    def reaches(self, block: int, persons: int) -> bool:
        """Return whether a solution has at least so many persons in a block; move to it, if it is a basic one."""
        if block not in self.rows and not self._enter(block):
            return True
        while (one := self.rows[block]).persons < persons * one.of[block]:
            entering = min((other for other, times in one.of.items() if times < 0), default=None)
            if entering is None:
                return False
            if not self._enter(entering):
                return True
        return True

    def large(self, persons: int) -> set[int]:
        """Return the blocks that have at least so many persons here."""
        return {lead for lead, one in self.rows.items() if one.persons >= persons * one.of[lead]}

    def _make_feasible(self) -> None:
        while lacking := [lead for lead, one in self.rows.items() if one.persons < 0]:
            lead = min(lacking)
            entering = min((block for block, times in self.rows[lead].of.items() if times < 0), default=None)
            if entering is None:
                raise ContradictionError
            self._pivot(lead, entering)

    def _not_seen_to_rise(self, blocks: set[int]) -> set[int]:
        """Return the blocks that have nobody here, and that no other block takes along when it rises by itself."""
        self.work.take(len(blocks) // 4)
        empty = {lead: one.of for lead, one in self.rows.items() if not one.persons}
        held = {block for lead, of in empty.items() for block, times in of.items() if times > 0 and block != lead}
        taken_along = {
            lead for lead, of in empty.items() if any(times < 0 and block not in held for block, times in of.items())
        }
        return blocks & (held | empty.keys()) - taken_along

    def _gain(self, waiting: set[int]) -> Times:
        """Return by how much each block that is 0 now adds to the sum of those that wait, if it rises."""
        one = Equation({**dict.fromkeys(waiting, 1), _SUM: -1}, 0, {})
        for lead in sorted(waiting & self.rows.keys()):
            one = one.without(lead, self.rows[lead], self.work)
        return one.of

    def _enter(self, block: int) -> bool:
        """Let a block that leads no equation have as many persons as can be; False if there is no limit."""
        self.work.take(len(self.rows))
        limits = [
            (Fraction(one.persons, one.of[block]), lead) for lead, one in self.rows.items() if one.of.get(block, 0) > 0
        ]
        if limits:
            self._pivot(min(limits)[1], block)
        return bool(limits)

    def _pivot(self, lead: int, entering: int) -> None:
        moved = self.rows.pop(lead)
        if moved.of[entering] < 0:
            moved = Equation({block: -times for block, times in moved.of.items()}, -moved.persons, {})
        self.work.take(len(self.rows))
        for other, one in self.rows.items():
            if entering in one.of:
                self.rows[other] = one.without(entering, moved, self.work)
        self.rows[entering] = moved
