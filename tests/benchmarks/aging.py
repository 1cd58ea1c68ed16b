"""The lines about age: what an append costs for a customer of ten thousand events, and for one of ten.

Promise: both lead the same life, fact by fact. Warm, the process has appended to both before; cold, the append is the
first of a process.
"""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Final

from adapters.bootstrap import opened
from domain.facts import parse_fact
from tests.benchmarks import ledger_side
from tests.benchmarks.in_turn import in_turn
from tests.benchmarks.ledger_side import events_of
from tests.benchmarks.line import Line
from tests.benchmarks.long_life import CYCLE, life, live

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.ledger import Ledger
    from tests.benchmarks.in_turn import Progress
    from tests.benchmarks.side import Place

AGE: Final = "age"

_OLD: Final = 10_000
_YOUNG: Final = 10
_TARGET: Final = 1.5
_COLD_STARTS: Final = 3


def measure(place: Place, rounds: int, size: float, say: Progress) -> list[Line]:
    """Age one customer, in a ledger of its own, and append; give the two lines."""
    there = replace(place, ledger="aged")
    ledger_side.create_ledger(there)
    old = life("old")
    with opened(ledger_side.settings(there)) as installation:
        ledger = installation.ledger
        events = live(ledger, old, max(_YOUNG, round(_OLD * size)))
        say(f"{AGE}: one customer has {events:,} events")
        # A new customer each round, so that the young one does not grow old; one cycle of facts is every kind of them.
        young = (_young(ledger, number) for number in range(rounds))
        sides = {"ours": lambda: _warm(ledger, old), "theirs": lambda: _warm(ledger, next(young))}
        warm = in_turn(f"{AGE}, warm", rounds, "ms", sides, say)
        newcomer = _young(ledger, rounds)
    starts = max(1, round(_COLD_STARTS * size))
    sides = {"ours": lambda: _cold(there, old, starts), "theirs": lambda: _cold(there, newcomer, starts)}
    cold = in_turn(f"{AGE}, cold", rounds, "ms", sides, say)
    work = f"append to a customer of {events:,} events"
    against = f"one of {_YOUNG} events"
    return [
        Line(AGE, f"{work}, appended to before", against, "ms", _TARGET, warm["ours"], warm["theirs"]),
        Line(AGE, f"{work}, the first of a process", against, "ms", _TARGET, cold["ours"], cold["theirs"]),
    ]


def _young(ledger: Ledger, number: int) -> Iterator[bytes]:
    young = life(f"young-{number}")
    live(ledger, young, _YOUNG)
    return young


def _warm(ledger: Ledger, facts: Iterator[bytes]) -> float:
    """Give the mean of a cycle's appends: what is slow of one kind of fact alone is not to be lost."""
    first, *cycle = map(parse_fact, islice(facts, 1 + CYCLE))
    events_of(ledger.append(first))
    start = time.perf_counter()
    for fact in cycle:
        events_of(ledger.append(fact))
    return (time.perf_counter() - start) * 1000 / len(cycle)


def _cold(place: Place, facts: Iterator[bytes], starts: int) -> float:
    """Give the middle one of the first appends of some processes."""
    took = []
    for sent in islice(facts, starts):
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            took.append(process.submit(_first, place, sent).result())
    return median(took)


def _first(place: Place, sent: bytes) -> float:
    fact = parse_fact(sent)
    with opened(ledger_side.settings(place)) as installation:
        start = time.perf_counter()
        events_of(installation.ledger.append(fact))
        return (time.perf_counter() - start) * 1000
