"""Sides that are measured in one process: in turn, round after round."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Progress = Callable[[str], None]


def in_turn(
    key: str, rounds: int, unit: str, sides: Mapping[str, Callable[[], float]], say: Progress
) -> dict[str, tuple[float, ...]]:
    """Measure each side once a round; return its figures by its name. `say` is told each of them."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, measured in sides.items():
            gc.collect()
            figure = measured()
            figures[name].append(figure)
            say(f"{key}: round {number + 1} of {rounds}, {name}: {figure:,.2f} {unit}")
    return {name: tuple(of) for name, of in figures.items()}


def milliseconds(works: Sequence[Callable[[], object]]) -> list[float]:
    """Return how long each took."""
    took = []
    for work in works:
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return took
