"""What a rebuild reports on the way and at its end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import NamedTuple


class Progress(NamedTuple):
    """The progress of one projection's rebuild, after a window.

    `position` of `goal` events are read and `rows` rows written, with those of an earlier, interrupted run. The rate
    and the time left are this run's, in wall-clock time, so rebuilds that run beside it slow it down.
    """

    projection: str
    position: int
    goal: int
    rows: int
    events_per_second: float
    seconds_left: float


class Rebuilt(NamedTuple):
    """A finished rebuild: up to which position, with how many rows.

    `events` is how many events this run read; a run that took over an earlier one read fewer than there are. `seconds`
    is how long that took, without the windows of other projections in between.
    """

    projection: str
    position: int
    rows: int
    events: int
    seconds: float

    @property
    def events_per_second(self) -> float:
        """The rate of this run."""
        return self.events / max(self.seconds, 1e-6)


@dataclass(slots=True)
class Course:
    """How far this run, which began at `start`, has rebuilt one projection."""

    projection: str
    start: int
    position: int
    rows: int
    busy_seconds: float = 0.0
    began: float = field(default_factory=time.perf_counter)

    def took(self, upto: int, rows: int, seconds: float) -> None:
        """Record a window up to `upto`."""
        self.position, self.rows, self.busy_seconds = upto, self.rows + rows, self.busy_seconds + seconds

    def progress(self, goal: int) -> Progress:
        """Return the progress now."""
        rate = (self.position - self.start) / max(time.perf_counter() - self.began, 1e-6)
        left = (goal - self.position) / rate if rate else 0.0
        return Progress(self.projection, self.position, goal, self.rows, rate, max(left, 0.0))

    def rebuilt(self) -> Rebuilt:
        """Return the result."""
        return Rebuilt(self.projection, self.position, self.rows, self.position - self.start, self.busy_seconds)
