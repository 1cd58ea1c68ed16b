"""The command: a server in a temporary folder, the measurements, and the table.

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
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import psycopg

from adapters.embedded.server import EmbeddedServer
from tests.benchmarks import copy_side, ledger_side, library_side
from tests.benchmarks.lines import ONLY, Bench
from tests.benchmarks.side import Place
from tests.benchmarks.table import as_json, as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMMITS = 100


def main(arguments: Sequence[str]) -> int:
    """Measure and print; give the exit code, which does not depend on what was measured."""
    options = _parser().parse_args(arguments)
    # The settings of whoever runs this stay out of it, in the processes started here too.
    for name in list(os.environ):
        if name.startswith(("PLEDGER_", "POSTGRES_")):
            del os.environ[name]
    # A short path: the address of a socket has room for about a hundred bytes.
    folder = Path(tempfile.mkdtemp(prefix="pledger-bench-"))
    try:
        with EmbeddedServer(folder / "server") as server:
            place = Place(server.url(), folder / "home")
            _say("making the ledger, the library's table and the bare one")
            ledger_side.create_ledger(place)
            library_side.create_schema(place)
            copy_side.create_table(place)
            machine = _machine(place)
            lines = Bench(place, options.rounds, options.size, _say).measure(tuple(options.only or ONLY))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    form = as_json if options.format == "json" else as_text
    print(form(machine, lines, rounds=options.rounds, size=options.size))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py", description="Measure appending, side by side with its yardsticks.")
    parser.add_argument("--rounds", type=_at_least_one, default=5, help="how often each side is measured (5)")
    parser.add_argument("--only", action="append", choices=ONLY, help="this line only; may be given again")
    parser.add_argument("--size", type=_positive, default=1.0, help="scale the work; 1 is what is to be judged")
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


def _machine(place: Place) -> dict[str, object]:
    """Say what is measured on, down to the time that the disk takes for a commit."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("server_version", "fsync", "synchronous_commit")
        }
        connection.execute("CREATE TABLE bare.commits (number integer)")
        seconds = []
        for number in range(_COMMITS):
            start = time.perf_counter()
            connection.execute("INSERT INTO bare.commits VALUES (%s)", (number,))
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
