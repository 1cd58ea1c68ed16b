"""The command: a server in a temporary folder, the measurements on each workload, and the table.

Promise: nothing of it is left behind, whether it ends well or not. Progress goes to stderr, the table to stdout.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from adapters.postgres.embedded.server import EmbeddedServer
from tests.benchmarks import aging, auditing, copy_side, following, ledger_side, library_side, reading, serving
from tests.benchmarks.aging import AGE
from tests.benchmarks.appending import APPENDING, Appending
from tests.benchmarks.auditing import AUDIT
from tests.benchmarks.filled import fill
from tests.benchmarks.following import FOLLOWING
from tests.benchmarks.reading import FEW_CUSTOMERS, GROWTH, REPORT
from tests.benchmarks.rebuilding import REBUILD, REBUILDING, Rebuilding
from tests.benchmarks.runner_side import RunnerSide
from tests.benchmarks.serving import SERVING
from tests.benchmarks.side import Place
from tests.benchmarks.table import Report, as_json, as_text
from tests.benchmarks.workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.line import Line

ONLY: Final = (*APPENDING, *SERVING, *REBUILDING, FOLLOWING, AUDIT, REPORT, GROWTH, AGE)

_COMMITS: Final = 100
_EVENTS: Final = (100_000, 1_000_000)
_RUNNER_EVENTS: Final = 20_000
_LONG: Final = 500_000
"""A log so long that a round takes a minute: three rounds have to do."""
_ROUNDS_OF_LONG: Final = 3


def main(arguments: Sequence[str]) -> int:
    """Measure and print; return the exit code, which does not depend on what was measured."""
    options = _parser().parse_args(arguments)
    # The settings of whoever runs this stay out of it, in the processes started here too.
    for name in list(os.environ):
        if name.startswith(("PLEDGER_", "POSTGRES_")):
            del os.environ[name]
    # A short path: the address of a socket has room for about a hundred bytes.
    folder = Path(tempfile.mkdtemp(prefix="pledger-bench-"))
    try:
        with EmbeddedServer(folder / "server") as server:
            machine = _machine(server.url())
            lines = {
                workload.name: _measure(Place.of(server.url(), folder / "home", workload), options)
                for workload in WORKLOADS.values()
                if options.workload in {None, workload.name}
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    form = as_json if options.format == "json" else as_text
    print(form(Report(machine, lines, options.rounds, options.size)))
    return 0


def _measure(place: Place, options: argparse.Namespace) -> list[Line]:
    """Return the lines asked for, in the order of the table; each ledger is filled once, for all that needs it."""
    _say(f"{place.workload.name}: making the ledger, the library's table and the bare one")
    ledger_side.create_ledger(place)
    library_side.create_schema(place)
    copy_side.create_table(place)
    only, rounds, size = tuple(options.only or ONLY), options.rounds, options.size
    lines: list[Line] = []
    if set(APPENDING) & set(only):
        lines += Appending(place, rounds, size, _say).measure(only)
    if set(SERVING) & set(only):
        lines += serving.measure(place, rounds, size, only, _say)
    if FOLLOWING in only:
        lines.append(following.measure(place, rounds, size, _say))
    if {*REBUILDING, AUDIT, REPORT, GROWTH} & set(only):
        lines += _filled(place, options, only)
    if AGE in only:
        lines += aging.measure(place, rounds, size, _say)
    _forget(place)
    return lines


def _filled(place: Place, options: argparse.Namespace, only: tuple[str, ...]) -> list[Line]:
    rounds, size = options.rounds, options.size
    library = replace(place, library=f"{place.library}_log")
    runner = RunnerSide(library, max(1, round(_RUNNER_EVENTS * size))) if REBUILD in only else None
    lines: list[Line] = []
    events = [max(1, round(number * size)) for number in sorted(options.events or _EVENTS)]
    filled = [
        fill(place, f"filled_{number}", number, _say)
        for number in (events if set(REBUILDING) & set(only) else events[-1:])
    ]
    if set(REBUILDING) & set(only):
        for one in filled:
            few = min(rounds, _ROUNDS_OF_LONG) if one.events > _LONG else rounds
            lines += Rebuilding(one, few, _say).measure(only, runner)
    if AUDIT in only:
        lines.append(auditing.measure(filled[-1], min(rounds, _ROUNDS_OF_LONG), _say))
    if REPORT in only:
        lines.append(reading.report(filled[-1], rounds, size, _say))
    if GROWTH in only:
        few_events = round(FEW_CUSTOMERS * size * place.workload.events_a_customer)
        small = fill(place, "small", few_events, _say)
        lines += reading.growth(small, filled[-1], rounds, size, _say)
    return lines


def _forget(place: Place) -> None:
    """Drop all schemas of a workload, so that the next one finds the server as this one did."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", (f"{place.workload.name}\\_%",)
        )
        for (schema,) in found.fetchall():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute("CHECKPOINT")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py", description="Measure the ledger, side by side with its yardsticks.")
    parser.add_argument("--rounds", type=_at_least_one, default=5, help="how often each side is measured (5)")
    parser.add_argument("--only", action="append", choices=ONLY, help="this line only; may be given again")
    parser.add_argument("--size", type=_positive, default=1.0, help="scale the work; 1 is what is to be judged")
    parser.add_argument(
        "--events",
        action="append",
        type=_at_least_one,
        help="how long the log is that read models are made from; may be given again (100000 and 1000000). The longest "
        "is the large ledger of report and growth: a million customers take 13000000 if uniform, 26000000 if lived",
    )
    parser.add_argument("--workload", choices=WORKLOADS, help="this workload only (both)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return parser


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        message = "must be at least 1"
        raise argparse.ArgumentTypeError(message)
    return number


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        message = "must be more than 0"
        raise argparse.ArgumentTypeError(message)
    return number


def _machine(url: str) -> dict[str, object]:
    """Return what is measured on, down to the time that the disk takes for a commit."""
    with psycopg.connect(url, autocommit=True) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("server_version", "fsync", "synchronous_commit")
        }
        connection.execute("CREATE TABLE commits (number integer)")
        seconds = []
        for number in range(_COMMITS):
            start = time.perf_counter()
            connection.execute("INSERT INTO commits VALUES (%s)", (number,))
            seconds.append(time.perf_counter() - start)
    postgres, fsync, synchronous = (row[0] if row else "?" for row in shown.values())
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "Python": platform.python_version(),
        "PostgreSQL": postgres,
        "fsync": fsync,
        "synchronous_commit": synchronous,
        "eventsourcing": version("eventsourcing"),
        "one commit": f"{median(seconds) * 1000:.2f} ms",
    }


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
