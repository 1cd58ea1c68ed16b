"""The line about following: how far read models lag behind five writers at full speed, one in ten rolled back.

The lag is measured by `tests.feed.lag`; its writers are replaced here by ones that tell the workload's facts.
"""

from __future__ import annotations

import random
import time
from contextlib import closing
from functools import partial
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Final
from unittest.mock import patch
from uuid import uuid4

from adapters.bootstrap import opened
from adapters.postgres.event_store import append_rows
from adapters.postgres.rows import RowNotification
from domain.commands import parse_fact
from projections import engine
from tests.benchmarks import ledger_side
from tests.benchmarks.line import Line
from tests.benchmarks.targets import target
from tests.feed import lag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from adapters.settings import Settings
    from domain.commands import Fact
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
            with patch.object(lag, "_write", partial(_write, place.workload)):
                lags = lag.measure(installation, seconds=_SECONDS * size, writers=_WRITERS)
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


def _write(workload: Workload, line: Connection, settings: Settings, seconds: float) -> None:
    """Append one fact after another; say which positions were answered when, and how often it was rolled back."""
    chance = random.Random()  # noqa: S311 - chance, not a secret
    answered, rolled_back = [], 0
    facts = _facts(workload, max(1, round(seconds * _FACTS_A_SECOND)))
    with opened(settings) as it, it.connect() as other:
        other.autocommit = False
        (first, *_) = it.application.recorder.select_notifications(1, 1)
        assert isinstance(first, RowNotification), "our recorder gives rows"
        line.send("ready")
        line.recv()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if chance.random() < lag.ROLLED_BACK:
                append_rows(other, [first.row._replace(stream_id=uuid4())])
                other.rollback()
                rolled_back += 1
                continue
            receipt = it.ledger.append(next(facts))
            answered.append((receipt.position, time.monotonic()))
    line.send((answered, rolled_back))
    line.poll(None)


def _facts(workload: Workload, ready: int) -> Iterator[Fact]:
    """Return facts of customers of this process alone; the first ones are parsed beforehand."""
    label = uuid4().hex
    told = chain.from_iterable(workload.facts(f"{label}-{number}", ready) for number in count())
    parsed = map(parse_fact, told)
    return chain(list(islice(parsed, ready)), parsed)
