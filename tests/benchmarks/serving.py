"""The lines about the server: batches beside the same batches in process, and how long a single append takes.

Promise: the server is a process of its own, as `pledger serve` starts it, on the same database as what it is held
against; clients keep their connections. The clients' own work runs on the same cores and is part of what is measured.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING, Final

from adapters.api_keys import keys
from adapters.api_keys.roles import Role, Scope
from adapters.bootstrap import opened
from adapters.contract import parse_fact
from adapters.ledger import utc_now
from tests.benchmarks import ledger_side
from tests.benchmarks.http_side import HttpSide, connected, posted
from tests.benchmarks.ledger_side import LedgerSide, events_of
from tests.benchmarks.line import Line
from tests.benchmarks.side import Job
from tests.benchmarks.targets import target
from tests.benchmarks.team import Team

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from adapters.ledger import Ledger
    from tests.benchmarks.in_turn import Progress
    from tests.benchmarks.side import Place
    from tests.benchmarks.workload import Workload

HTTP: Final = "http"
LATENCY: Final = "latency"
SERVING: Final = (HTTP, LATENCY)
_BATCH_FACTS: Final = 10_000
_LATENCY_FACTS: Final = 1_600
_CLIENTS: Final = (1, 8, 64)


def measure(place: Place, rounds: int, size: float, only: tuple[str, ...], say: Progress) -> list[Line]:
    """Return the lines asked for."""
    with _served(replace(place, workload=place.workload.of_services())) as there:
        lines = [_batches(there, rounds, size, say)] if HTTP in only else []
        if LATENCY in only:
            lines += _latencies(there, rounds, size, say)
    return lines


@contextmanager
def _served(place: Place) -> Iterator[Place]:
    """Serve the place's ledger, with a key."""
    with opened(ledger_side.settings(place)) as installation, installation.connect() as connection:
        key, _ = keys.create(connection, "bench", Role.SERVICE, Scope(), now=utc_now())
    named = {"PLEDGER_HOME": str(place.home), "PLEDGER_DATABASE_URL": place.url, "PLEDGER_LEDGER": place.ledger}
    program = "from adapters.cli.main import app; app()"
    command = [sys.executable, "-c", program, "serve", "--port", "0", "--no-follow"]
    server = subprocess.Popen(command, env={**os.environ, **named}, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None, "it was asked for"
        address = server.stdout.readline().split()[-1]
        yield replace(place, server=(address, key))
    finally:
        server.terminate()
        server.communicate(timeout=60)


def _batches(place: Place, rounds: int, size: float, say: Progress) -> Line:
    """Measure batches from one client beside the same from one process."""
    rates: dict[str, list[float]] = {"ours": [], "theirs": []}
    count = max(1, round(_BATCH_FACTS * size))
    with Team(HttpSide, place, 1) as ours, Team(LedgerSide, place, 1) as theirs:
        for number in range(rounds + 1):
            for name, team in (("ours", ours), ("theirs", theirs)):
                rate = team.rate(Job(f"http-{name}-{number}", count, batched=True))
                if number:  # The first round warms both up.
                    rates[name].append(rate)
                    say(f"{HTTP}: round {number} of {rounds}, {name}: {rate:,.0f} events/s")
    work, against = "batches of 500 over HTTP, one client", "the same in process"
    return Line(HTTP, work, against, "events/s", target(HTTP, place), tuple(rates["ours"]), tuple(rates["theirs"]))


def _latencies(place: Place, rounds: int, size: float, say: Progress) -> Iterator[Line]:
    """Measure single appends by so many clients at once, beside as many threads in process."""
    with opened(ledger_side.settings(place)) as installation:
        for clients in _CLIENTS:
            ours, theirs, tails = [], [], []
            for number in range(rounds):
                label = f"latency-{clients}-{number}"
                each = max(1, round(_LATENCY_FACTS * size / clients))
                over = _timed(_shares(place, clients, each, f"{label}-h"), _over_http(place))
                inside = _timed(
                    _shares(place, clients, each, f"{label}-p"), _in_process(installation.ledger, place.workload)
                )
                ours.append(median(over))
                theirs.append(median(inside))
                tails.append((_tail(over), _tail(inside)))
                say(f"{LATENCY}: {clients} clients, round {number + 1} of {rounds}: {ours[-1]:.2f} ms")
            slowest = tuple(median(one) for one in zip(*tails, strict=True))
            notes = (f"{clients} at once: p99 {slowest[0]:,.1f} ms over HTTP, {slowest[1]:,.1f} ms in process",)
            work = f"a single append over HTTP, {clients} clients, p50"
            yield Line(LATENCY, work, "the same in process", "ms", None, tuple(ours), tuple(theirs), notes)


def _shares(place: Place, clients: int, each: int, label: str) -> list[list[bytes]]:
    """Return the facts that each client sends."""
    return [list(place.workload.facts(f"{label}-{client}", each)) for client in range(clients)]


def _timed(shares: Sequence[Sequence[bytes]], sender: Callable[[], Callable[[bytes], object]]) -> list[float]:
    """Return how long each append took, in milliseconds."""

    def work(bodies: Sequence[bytes]) -> list[float]:
        send, took = sender(), []
        for body in bodies:
            start = perf_counter()
            send(body)
            took.append((perf_counter() - start) * 1000)
        return took

    with ThreadPoolExecutor(len(shares)) as pool:
        return [one for took in pool.map(work, shares) for one in took]


def _over_http(place: Place) -> Callable[[], Callable[[bytes], object]]:
    assert place.server is not None, "the place has a server"
    address, key = place.server

    def sender() -> Callable[[bytes], object]:
        connection = connected(address)
        return lambda body: posted(connection, key, body)

    return sender


def _in_process(ledger: Ledger, workload: Workload) -> Callable[[], Callable[[bytes], object]]:
    return lambda: lambda body: events_of(ledger.append(parse_fact(body)), workload)


def _tail(took: Sequence[float]) -> float:
    return quantiles(took, n=100)[-1] if len(took) > 1 else took[0]
