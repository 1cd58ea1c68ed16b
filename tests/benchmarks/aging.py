"""The lines about age: what an append costs for a customer of ten thousand events, and for one of ten.

Promise: both have lived as the workload's customers do, and what is appended and measured is the same for both, on
either workload. Warm, the process has appended to both before; cold, the append is the first of a process.
"""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Final

from adapters.bootstrap import opened
from adapters.contract import parse_fact
from tests.benchmarks import ledger_side
from tests.benchmarks.in_turn import in_turn
from tests.benchmarks.ledger_side import events_of
from tests.benchmarks.line import Line
from tests.benchmarks.long_life import CYCLE, LATER, life, live
from tests.benchmarks.targets import target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.ledger import Ledger
    from tests.benchmarks.in_turn import Progress
    from tests.benchmarks.side import Place

AGE: Final = "age"

_OLD: Final = 10_000
_YOUNG: Final = 10
_COLD_STARTS: Final = 3


def measure(place: Place, rounds: int, size: float, say: Progress) -> list[Line]:
    """Age one customer, in a ledger of its own, and append; return the two lines."""
    there = place.other("aged")
    ledger_side.create_ledger(there)
    with opened(ledger_side.settings(there)) as installation:
        ledger = installation.ledger
        asked = max(_YOUNG, round(_OLD * size))
        old = _aged(ledger, there, "old", asked)
        say(f"{AGE}: one customer has {asked:,} events")
        # A new customer each round, so that the young one does not grow old; one cycle of facts is every kind of them.
        young = (_aged(ledger, there, f"young-{number}", _YOUNG) for number in range(rounds))
        sides = {"ours": lambda: _warm(ledger, there, old), "theirs": lambda: _warm(ledger, there, next(young))}
        warm = in_turn(f"{AGE}, warm", rounds, "ms", sides, say)
        newcomer = _aged(ledger, there, "newcomer", _YOUNG)
    starts = max(1, round(_COLD_STARTS * size))
    sides = {"ours": lambda: _cold(there, old, starts), "theirs": lambda: _cold(there, newcomer, starts)}
    cold = in_turn(f"{AGE}, cold", rounds, "ms", sides, say)
    work = f"append to a customer of {asked:,} events"
    against = f"one of {_YOUNG} events"
    at_most = {name: target(f"{AGE}, {name}", place) for name in ("warm", "cold")}
    return [
        Line(AGE, f"{work}, appended to before", against, "ms", at_most["warm"], warm["ours"], warm["theirs"]),
        Line(AGE, f"{work}, the first of a process", against, "ms", at_most["cold"], cold["ours"], cold["theirs"]),
    ]


def _aged(ledger: Ledger, place: Place, customer: str, events: int) -> Iterator[bytes]:
    """Have a customer live; return what they do later."""
    live(ledger, place.workload, customer, events)
    return life(customer, LATER)


def _warm(ledger: Ledger, place: Place, facts: Iterator[bytes]) -> float:
    """Return the mean of a cycle's appends: what is slow of one kind of fact alone is not to be lost."""
    first, *cycle = map(parse_fact, islice(facts, 1 + CYCLE))
    events_of(ledger.append(first), place.workload)
    start = time.perf_counter()
    for fact in cycle:
        events_of(ledger.append(fact), place.workload)
    return (time.perf_counter() - start) * 1000 / len(cycle)


def _cold(place: Place, facts: Iterator[bytes], starts: int) -> float:
    """Return the middle one of the first appends of some processes."""
    took = []
    for sent in islice(facts, starts):
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            took.append(process.submit(_first, place, sent).result())
    return median(took)


def _first(place: Place, sent: bytes) -> float:
    fact = parse_fact(sent)
    with opened(ledger_side.settings(place)) as installation:
        start = time.perf_counter()
        events_of(installation.ledger.append(fact), place.workload)
        return (time.perf_counter() - start) * 1000
