"""The line about following: how far read models lag behind five writers at full speed, one in ten rolled back.

The lag is measured by `tests.workers.lag`; its writers tell the workload's facts.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from adapters.bootstrap import opened
from adapters.contract import parse_fact
from projections import engine
from tests.benchmarks import ledger_side
from tests.benchmarks.line import Line
from tests.benchmarks.targets import target
from tests.workers import lag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.facts import Fact
    from tests.benchmarks.in_turn import Progress
    from tests.benchmarks.side import Place
    from tests.benchmarks.workload import Workload

FOLLOWING: Final = "following"

_WRITERS: Final = 5
_SECONDS: Final = 10.0
_ROUNDS_MAX: Final = 3
_PERCENT: Final = 99
_FACTS_A_SECOND: Final = 500
"""How many facts each writer makes ready: more than it can append."""


def measure(place: Place, rounds: int, size: float, say: Progress) -> Line:
    """Write and follow in a ledger of its own, round after round; return the line of the lag."""
    there = place.other("followed")
    ledger_side.create_ledger(there)
    found = []
    with opened(ledger_side.settings(there)) as installation:
        for number in range(min(rounds, _ROUNDS_MAX)):
            with closing(installation.connect()) as connection:
                engine.prepare(connection)
                engine.catch_up(connection)
            facts = partial(_facts, place.workload, max(1, round(_SECONDS * size * _FACTS_A_SECOND)))
            lags = lag.measure(installation, seconds=_SECONDS * size, writers=_WRITERS, facts=facts)
            found.append(lags)
            say(f"{FOLLOWING}: round {number + 1}: {lags}")
    missed, gaps = sum(lags.missed for lags in found), sum(lags.gaps for lags in found)
    return Line(
        FOLLOWING,
        f"catch-up under load, {_WRITERS} writers, 10% rolled back: lag p{_PERCENT}",
        "0 missed, no gap",
        "ms",
        target(FOLLOWING, place),
        tuple(lags.percentile(_PERCENT) * 1000 for lags in found),
        notes=(f"lag: {'; '.join(map(str, found))}",),
        is_right=missed == gaps == 0,
    )


def _facts(workload: Workload, ready: int) -> Iterator[Fact]:
    """Return facts of customers of this process alone; the first ones are parsed beforehand."""
    label = uuid4().hex
    told = chain.from_iterable(workload.facts(f"{label}-{number}", ready) for number in count())
    parsed = map(parse_fact, told)
    return chain(list(islice(parsed, ready)), parsed)
