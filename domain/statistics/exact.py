"""Exact arithmetic for the search for small groups, with a bound on its steps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Number = int | Fraction
"""Whole numbers are kept as int: they cost a fifth of fractions, and few others occur."""
Times = dict[int, Number]
"""How many times each block, or each equation, is counted."""


class ContradictionError(Exception):
    """No population has the counts."""


class TooMuchWorkError(Exception):
    """The search needs more steps than the bound allows."""


@dataclass(slots=True)
class Work:
    """How many more steps may be taken; a step is one addition of two fractions."""

    left: int

    def take(self, steps: int) -> None:
        """Take some steps, or raise `TooMuchWorkError`."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWorkError

    def look(self, places: int) -> None:
        """Look at some places without adding anything, which takes a sixteenth of the time."""
        self.take(places // 16)


def added(one: Mapping[int, Number], other: Mapping[int, Number], times: Number) -> Times:
    """Return the sum of two, the second a number of times, without what cancels out."""
    total = dict(one)
    add(total, other, times)
    return total


def add(total: Times, other: Mapping[int, Number], times: Number) -> None:
    """Add another sum a number of times, without what cancels out."""
    for key, by in other.items():
        now = total.get(key, 0) + by * times
        if now:
            total[key] = now
        else:
            total.pop(key, None)


def ratio(one: Number, other: Number) -> Number:
    """Return one number divided by another, as an int where it is whole."""
    if other in {1, -1}:
        return one * other
    fraction = Fraction(one) / other
    return fraction.numerator if fraction.denominator == 1 else fraction
