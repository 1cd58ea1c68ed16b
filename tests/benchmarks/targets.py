"""What each line has to reach: a rate so many times the yardstick's at least, a time so many times at most.

Where nothing stands beside ours, the target is for the figure itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from tests.benchmarks.side import Place


class Target(NamedTuple):
    """What a line has to reach on each workload."""

    uniform: float
    lived: float


TARGETS: Final = {
    "threads": Target(2.5, 2.5),
    "processes": Target(1.3, 1.3),
    "batches": Target(1.2, 0.9),
    "copy": Target(0.3, 0.3),
    "http": Target(0.8, 0.8),
    "following": Target(250, 250),
    "rebuild": Target(280, 280),
    "by_hand": Target(0.7, 0.7),
    # Five times what an audit of lived facts reached when the targets were set: 9,000 events a second on two cores.
    "audit": Target(1_000_000, 45_000),
    "report": Target(3, 3),
    "growth": Target(1.3, 1.3),
    "age, warm": Target(1.5, 1.5),
    "age, cold": Target(3, 3),
}


def target(line: str, place: Place) -> float:
    """Return what the line has to reach on the place's workload."""
    return float(getattr(TARGETS[line], place.workload.name))
