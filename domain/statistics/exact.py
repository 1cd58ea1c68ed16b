"""Exact equations in whole numbers, for the search for small groups, with a bound on its steps."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import NamedTuple

Times = dict[int, int]
"""How many times each block, or each equation, is counted."""


class ContradictionError(Exception):
    """No population has the counts."""


class TooMuchWorkError(Exception):
    """The search needs more steps than the bound allows."""


@dataclass(slots=True)
class Work:
    """How many more steps may be taken; a step is one addition of two numbers."""

    left: int

    def take(self, steps: int) -> None:
        """Take some steps, or raise `TooMuchWorkError`."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWorkError


class Equation(NamedTuple):
    """So many persons are in these blocks together; `sources` are the equations as given of which it is the sum."""

    of: Times
    persons: int
    sources: Times

    def without(self, block: int, other: Equation, work: Work) -> Equation:
        """Add another equation, in which a block stands a positive number of times, so that it stands in this no more.

        The block that leads this equation keeps its sign.
        """
        shared = gcd(self.of[block], other.of[block])
        times, other_times = other.of[block] // shared, -self.of[block] // shared
        work.take(len(other.of) + len(other.sources) + len(self.of) + len(self.sources))
        of = added(self.of, times, other.of, other_times)
        sources = added(self.sources, times, other.sources, other_times)
        persons = self.persons * times + other.persons * other_times
        if times == 1:
            return Equation(of, persons, sources)
        by = gcd(persons, *of.values(), *sources.values()) or 1
        return (
            Equation(_divided(of, by), persons // (by or 1), _divided(sources, by))
            if by > 1
            else Equation(of, persons, sources)
        )


def added(one: Times, times: int, other: Times, other_times: int) -> Times:
    """Return the sum of two, each a number of times, without what cancels out."""
    total = dict(one) if times == 1 else {key: by * times for key, by in one.items()}
    for key, by in other.items():
        now = total.get(key, 0) + by * other_times
        if now:
            total[key] = now
        else:
            total.pop(key, None)
    return total


def _divided(one: Times, by: int) -> Times:
    return {key: times // by for key, times in one.items()} if by > 1 else one
