"""What the head row buys: positions without a gap, readers that miss nothing, acknowledgements that hold.

Several processes with several threads each write at once, with delays, rollbacks, conflicts and `kill -9`, while a
naive reader follows the positions. The same checker then looks at a table with a plain sequence, and must complain of
it.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, LiteralString, Self

import psycopg
import pytest

from tests.reading import opened_log, places_of
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.bootstrap import Installation

_ROOT = Path(__file__).parents[2]
KILLS_LEAST = 5
_SECONDS = {"ledger": 5.0, "sequence": 2.0}

_READ: dict[str, LiteralString] = {
    "ledger": "SELECT position, stream_id, version, source, (position - part)::text FROM pledger.events"
    " WHERE position > %s ORDER BY position LIMIT 100",
    "sequence": "SELECT position, stream_id, version, source, fact_id FROM plain.events"
    " WHERE position > %s ORDER BY position LIMIT 100",
}


@dataclass
class Reader:
    """Follows a log in the simplest way: events with a position above the last one seen."""

    url: str
    log: str
    seen: list[int] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._follow)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            while True:
                last_look = self._stop.is_set()
                rows = connection.execute(_READ[self.log], (self.seen[-1] if self.seen else 0,)).fetchall()
                self.seen += [row[0] for row in rows]
                if not rows and last_look:
                    return
                if not rows:
                    time.sleep(0.001)


@dataclass(frozen=True)
class Log:
    """What is in a log in the end, what a reader saw of it, and what writers were told."""

    rows: list[tuple[int, Any, int, str, str]]
    seen: list[int]
    acknowledged: list[tuple[str, str, int, int]]

    def problems(self) -> Iterator[str]:
        """Return what is wrong with it, each in a word."""
        positions = [position for position, *_ in self.rows]
        if positions != list(range(1, len(positions) + 1)):
            yield "gap"
        if set(positions) - set(self.seen):
            yield "missed"
        if self.seen != sorted(set(self.seen)):
            yield "seen twice or out of order"
        of_fact: dict[tuple[str, str], list[int]] = {}
        of_stream: dict[Any, list[int]] = {}
        for position, stream, version, source, fact_id in self.rows:
            of_fact.setdefault((source, fact_id), []).append(position)
            of_stream.setdefault(stream, []).append(version)
        for source, fact_id, position, events in self.acknowledged:
            found = of_fact.get((source, fact_id), [])
            if not found:
                yield "lost"
            elif found != list(range(position - events + 1, position + 1)):
                yield "stored twice, or elsewhere than was told"
        if any(versions != list(range(1, len(versions) + 1)) for versions in of_stream.values()):
            yield "versions"


def _start(mode: str, url: str, home: Path, name: str, seconds: float) -> subprocess.Popen[str]:
    arguments = [mode, url, home, name, home / f"{name}.acknowledged", seconds]
    command = [sys.executable, "-m", "tests.postgres.writer_process", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)


def _is_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def _write(mode: str, url: str, home: Path) -> int:
    """Let two processes write to the end and a third be killed again and again; tell how often it was."""
    kills = 0
    seconds = _SECONDS[mode]
    until = time.monotonic() + seconds
    steady = [_start(mode, url, home, f"steady{n}", seconds) for n in range(2)]
    while time.monotonic() < until or kills < KILLS_LEAST:  # On a busy machine a process takes seconds to start.
        victim = _start(mode, url, home, f"victim{kills}", 60)
        _is_ready(victim)
        time.sleep(random.uniform(0.1, 0.6))  # noqa: S311 - chance, not a secret
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        kills += 1
    for process in steady:
        _is_ready(process)
        assert process.wait(timeout=PATIENCE) == 0
    return kills


def _acknowledged(home: Path) -> list[tuple[str, str, int, int]]:
    lines = [line for file in home.glob("*.acknowledged") for line in file.read_text().splitlines(keepends=True)]
    # A line that a kill cut short was not acknowledged to anybody.
    words = [line.split() for line in lines if line.endswith("\n")]
    return [(source, fact_id, int(position), int(events)) for source, fact_id, position, events in words]


def _examine(mode: str, url: str, home: Path) -> tuple[Log, int]:
    with Reader(url, mode) as reader:
        kills = _write(mode, url, home)
    with psycopg.connect(url) as connection:
        rows = connection.execute(_READ[mode].replace("LIMIT 100", ""), (0,)).fetchall()
    return Log(rows, reader.seen, _acknowledged(home)), kills


@pytest.mark.slow
def test_nothing_is_missed_lost_or_stored_twice(installation: Installation, database_url: str) -> None:
    """Writers, rollbacks, conflicts and kill -9 leave a log without a gap, of which a reader misses nothing."""
    home = installation.settings.home
    log, kills = _examine("ledger", database_url, home)
    ids = {event.position: event.fact_id or "" for event in opened_log(installation)}
    log = Log([(*row[:4], ids[row[0]]) for row in log.rows], log.seen, log.acknowledged)
    assert Counter(log.problems()) == {}
    with installation.connect() as connection:
        size = connection.execute("SELECT size FROM head").fetchone()
        ((count,),) = connection.execute("SELECT count(*) FROM facts").fetchall()
    names = {row[3:] for row in log.rows if row[3] != "/raw"}
    facts = [
        (source, name, place.position, place.events)
        for source in {source for source, _ in names}
        for name, place in places_of(installation, [name for one, name in names if one == source], source).items()
    ]
    assert size == (len(log.rows),)
    # Also of what nobody was told about, each fact is in once, and whole.
    assert Counter(Log(log.rows, log.seen, facts).problems()) == {}
    assert len(facts) == count == len(names)
    # It was a trial: enough was written, by everybody, on the same streams, and enough was killed.
    assert kills >= KILLS_LEAST
    assert len(log.acknowledged) > 200
    writers: dict[Any, set[str]] = {}
    for _, stream, _, source, _ in log.rows:
        writers.setdefault(stream, set()).add(source)
    assert sum(len(sources) > 2 for sources in writers.values()) >= 3


@pytest.mark.slow
def test_the_checker_finds_gaps_and_missed_events_of_a_plain_sequence(database_url: str, tmp_path: Path) -> None:
    """A table whose positions come from a sequence fails the same examination."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA plain")
        connection.execute(
            "CREATE TABLE plain.events (position bigserial PRIMARY KEY, stream_id uuid, version bigint, source text,"
            " fact_id text)"
        )
    log, _ = _examine("sequence", database_url, tmp_path)
    assert {"gap", "missed"} <= set(log.problems())
