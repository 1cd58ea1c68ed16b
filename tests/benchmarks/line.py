"""A line of the table: what was measured in each round, on one side or two, and whether it reaches its target.

Promise: `is_met` says what the figures say, whichever way the target reads: a rate has to be so many times theirs at
least, a cost so many times theirs at most, and a cost that nothing stands beside at most the target itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Final

RATES: Final = ("facts/s", "events/s")
COSTS: Final = ("ms", "µs")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the figure of each round in `unit`, ours and, unless nothing stands beside it, theirs.

    More is better of a rate, less of a cost. `target` is what the ratio has to reach, or, of ours alone, what ours has
    to; None where nothing is asked. `is_right` is False where what was done came out wrong, however fast.
    """

    key: str
    work: str
    against: str
    unit: str
    target: float | None
    ours: tuple[float, ...]
    theirs: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    is_right: bool = True

    @property
    def is_cost(self) -> bool:
        """Tell whether less is better."""
        return self.unit in COSTS

    @property
    def ratios(self) -> tuple[float, ...]:
        """Return ours over theirs, round by round; nothing where there is nothing beside ours."""
        return tuple(mine / other for mine, other in zip(self.ours, self.theirs, strict=True)) if self.theirs else ()

    @property
    def ratio(self) -> float | None:
        """Return the middle one of the rounds' ratios."""
        return median(self.ratios) if self.theirs else None

    @property
    def is_met(self) -> bool | None:
        """Tell whether the target is reached and the work was right; None where there is no target."""
        if self.target is None:
            return None if self.is_right else False
        judged = median(self.ours) if self.ratio is None else self.ratio
        return self.is_right and (judged <= self.target if self.is_cost else judged >= self.target)
