"""The line about following: how far read models lag behind five writers at full speed, one in ten rolled back."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from adapters.bootstrap import opened
from projections import engine
from tests.benchmarks import ledger_side
from tests.benchmarks.line import Line
from tests.workers import lag

if TYPE_CHECKING:
    from tests.benchmarks.in_turn import Progress
    from tests.benchmarks.side import Place

FOLLOWING: Final = "following"

_WRITERS: Final = 5
_SECONDS: Final = 10.0
_ROUNDS_MAX: Final = 3
_PERCENT: Final = 99
_TARGET_MS: Final = 250


def measure(place: Place, rounds: int, size: float, say: Progress) -> Line:
    """Write and follow in a ledger of its own, round after round; give the line of the lag."""
    there = replace(place, ledger="followed")
    ledger_side.create_ledger(there)
    found = []
    with opened(ledger_side.settings(there)) as installation:
        for number in range(min(rounds, _ROUNDS_MAX)):
            with closing(installation.connect()) as connection:
                engine.prepare(connection)
                engine.catch_up(connection)
            lags = lag.measure(installation, seconds=_SECONDS * size, writers=_WRITERS)
            found.append(lags)
            say(f"{FOLLOWING}: round {number + 1}: {lags}")
    missed, gaps = sum(lags.missed for lags in found), sum(lags.gaps for lags in found)
    return Line(
        FOLLOWING,
        f"catch-up under load, {_WRITERS} writers, 10% rolled back: lag p{_PERCENT}",
        f"{missed} missed, {gaps} gaps",
        "ms",
        _TARGET_MS,
        tuple(lags.percentile(_PERCENT) * 1000 for lags in found),
        notes=(f"lag: {'; '.join(map(str, found))}",),
        is_right=missed == gaps == 0,
    )
