"""What a rebuild tells of itself, on the way and at its end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import NamedTuple


class Progress(NamedTuple):
    """Where the rebuild of one projection stands, after a window.

    `position` of `goal` events are read, and `rows` rows written, those of an earlier, interrupted run included; rate
    and time left are this run's.
    """

    projection: str
    position: int
    goal: int
    rows: int
    events_per_second: float
    seconds_left: float


class Rebuilt(NamedTuple):
    """A rebuild that has taken its place: up to which position, with how many rows, and the seconds of this run.

    `events` is how many events this run read; a run that took up another's work read fewer than there are.
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
class Pace:
    """The clock of one run: began at position `start`."""

    start: int
    began: float = field(default_factory=time.perf_counter)

    def at(self, projection: str, position: int, goal: int, rows: int) -> Progress:
        """Say where the rebuild stands now."""
        rate = (position - self.start) / max(self.seconds, 1e-6)
        left = (goal - position) / rate if rate else 0.0
        return Progress(projection, position, goal, rows, rate, max(left, 0.0))

    @property
    def seconds(self) -> float:
        """Give how long the run has taken so far."""
        return time.perf_counter() - self.began
