"""One way to put persons into blocks by which all counts come out, and how it moves to others (the simplex method).

A basic solution: each block that leads an equation has its persons, and every other block has none. Numbers are exact
fractions. Bland's rule, the block of the least number first, comes to an end whatever the ties.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.statistics.exact import ContradictionError, Number, Times, Work, added, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class Solution:
    """A solution of equations of which each has one leading block."""

    work: Work
    rows: dict[int, tuple[Times, Number]]
    """For each leading block, the other blocks of its equation, and the persons. Blocks that are known have none."""

    @classmethod
    def of(cls, equations: Mapping[int, tuple[Times, Number]], work: Work) -> Solution:
        """Return a solution of equations by their leading blocks; raise `ContradictionError` if there is none."""
        rows = {
            lead: ({block: times for block, times in of.items() if block != lead}, persons)
            for lead, (of, persons) in equations.items()
            if len(of) > 1
        }
        one = cls(work, rows)
        one._make_feasible()
        return one

    @property
    def open(self) -> set[int]:
        """The blocks of which it is not known how many persons they have."""
        return set(self.rows).union(*(others for others, _ in self.rows.values()))

    def empty(self) -> Times:
        """Return blocks that have nobody in any solution, as numbers of times by which the equations say so."""
        waiting = self._without_persons(self.open)
        while waiting:
            gain = self._gain(waiting)
            entering = min((block for block, by in gain.items() if by > 0), default=None)
            if entering is None:
                return added(dict.fromkeys(sorted(waiting), 1), gain, -1)
            if self._enter(entering):
                waiting = self._without_persons(waiting)
            else:
                waiting -= {entering, *(lead for lead, (others, _) in self.rows.items() if entering in others)}
        return {}

    def reaches(self, block: int, persons: int) -> bool:
        """Return whether a solution has at least so many persons in a block; move to it, if it is a basic one."""
        if block not in self.rows and not self._enter(block):
            return True
        while self.rows[block][1] < persons:
            entering = min((other for other, times in self.rows[block][0].items() if times < 0), default=None)
            if entering is None:
                return False
            if not self._enter(entering):
                return True
        return True

    def large(self, persons: int) -> set[int]:
        """Return the blocks that have at least so many persons here."""
        self.work.look(len(self.rows))
        return {lead for lead, (_, own) in self.rows.items() if own >= persons}

    def _make_feasible(self) -> None:
        while lacking := [lead for lead, (_, persons) in self.rows.items() if persons < 0]:
            lead = min(lacking)
            entering = min((block for block, times in self.rows[lead][0].items() if times < 0), default=None)
            if entering is None:
                raise ContradictionError
            self._pivot(lead, entering)

    def _without_persons(self, blocks: set[int]) -> set[int]:
        return blocks - {lead for lead, (_, persons) in self.rows.items() if persons > 0}

    def _gain(self, waiting: set[int]) -> Times:
        """Return by how much each block that is 0 now adds to those that wait, if it rises by 1."""
        gain: Times = {block: 1 for block in waiting if block not in self.rows}
        for lead in waiting & self.rows.keys():
            others, _ = self.rows[lead]
            self.work.take(len(others))
            gain = added(gain, others, -1)
        return gain

    def _enter(self, block: int) -> bool:
        """Let a block that leads no equation have as many persons as can be; False if there is no limit."""
        limits = [
            (ratio(persons, others[block]), lead)
            for lead, (others, persons) in self.rows.items()
            if others.get(block, 0) > 0
        ]
        self.work.look(len(self.rows))
        if limits:
            self._pivot(min(limits)[1], block)
        return bool(limits)

    def _pivot(self, lead: int, entering: int) -> None:
        others, persons = self.rows.pop(lead)
        by = others[entering]
        moved = {block: ratio(times, by) for block, times in others.items() if block != entering}
        moved[lead] = ratio(1, by)
        persons = ratio(persons, by)
        self.work.take(len(moved))
        self.work.look(len(self.rows))
        for one, (of, had) in self.rows.items():
            times = of.get(entering)
            if times:
                self.work.take(len(moved))
                rest = {block: had_times for block, had_times in of.items() if block != entering}
                self.rows[one] = added(rest, moved, -times), had - persons * times
        self.rows[entering] = moved, persons
