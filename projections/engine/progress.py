"""What a rebuild tells of itself, on the way and at its end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import NamedTuple


class Progress(NamedTuple):
    """Where the rebuild of one projection stands, after a window.

    `position` of `goal` events are read, and `rows` rows written, those of an earlier, interrupted run included; rate
    and time left are this run's, by the clock on the wall: the others that are made at the same time slow it down.
    """

    projection: str
    position: int
    goal: int
    rows: int
    events_per_second: float
    seconds_left: float


class Rebuilt(NamedTuple):
    """A rebuild that has taken its place: up to which position, with how many rows.

    `events` is how many events this run read; a run that took up another's work read fewer than there are. `seconds` is
    how long that took, without what was done for others in between.
    """

    projection: str
    position: int
    rows: int
    events: int
    seconds: float

    @property
    def events_per_second(self) -> float:
        """Give the rate of this run."""
        return self.events / max(self.seconds, 1e-6)


@dataclass(slots=True)
class Course:
    """How far the rebuild of one projection has come in this run, which began at `start`."""

    projection: str
    start: int
    position: int
    rows: int
    busy_seconds: float = 0.0
    began: float = field(default_factory=time.perf_counter)

    def took(self, upto: int, rows: int, seconds: float) -> None:
        """Note a window up to `upto`."""
        self.position, self.rows, self.busy_seconds = upto, self.rows + rows, self.busy_seconds + seconds

    def progress(self, goal: int) -> Progress:
        """Say where it stands now."""
        rate = (self.position - self.start) / max(time.perf_counter() - self.began, 1e-6)
        left = (goal - self.position) / rate if rate else 0.0
        return Progress(self.projection, self.position, goal, self.rows, rate, max(left, 0.0))

    def rebuilt(self) -> Rebuilt:
        """Say how it ended."""
        return Rebuilt(self.projection, self.position, self.rows, self.position - self.start, self.busy_seconds)
