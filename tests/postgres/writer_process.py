"""One writing process of `test_no_gap_no_loss.py`, run as a program: threads that append until they are told to stop.

Arguments: the mode (`ledger` or `sequence`), the database's address, the home folder, this process's name, the file for
acknowledgements, and the seconds to write for. It prints `ready` once it writes. Every acknowledgement is one line,
`source id position events`, on disk before the next append of that thread begins.
"""

from __future__ import annotations

import os
import random
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from eventsourcing.persistence import IntegrityError

from adapters.bootstrap import opened
from adapters.postgres.event_store import environment
from adapters.postgres.rows import RowStoredEvent
from adapters.settings import load_settings
from domain.errors import VersionConflict
from tests.controls import fact
from tests.postgres.writing import WritingFactory, append_rows
from tests.reading import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.bootstrap import Installation

CUSTOMERS = 5
DELAY_SECONDS = 0.004


class Acknowledgements:
    """The file of what was acknowledged; a line is on disk when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")
        self._lock = Lock()

    def write(self, *words: object) -> None:
        """Write one line."""
        with self._lock:
            self._file.write(" ".join(map(str, words)) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


def tell_facts(it: Installation, name: str, acknowledged: Acknowledgements) -> Callable[[], None]:
    """Append facts about the few customers of all processes, at times insisting on a version that may be gone."""
    version: dict[str, int] = {}

    def once() -> None:
        customer = f"customer:{random.randrange(CUSTOMERS)}"  # noqa: S311 - chance, not a secret
        data = {"act": "contest_entry", "reference": str(uuid4())}
        entry = fact("collection", 1, data, subject=customer, fact_id=str(uuid4()), source=f"/{name}")
        expected = version.pop(customer, None)
        try:
            receipt = it.ledger.append(entry, expected_version=expected)
        except VersionConflict as conflict:
            version[customer] = conflict.actual  # The next one insists on this; others write meanwhile.
            return
        acknowledged.write(entry.source, entry.id, receipt.position, receipt.events)
        if expected is None and random.random() < 0.3:  # noqa: S311
            version[customer] = 1

    return once


def fail_through_the_library(it: Installation) -> Callable[[], None]:
    """Append an event again through the library's interface, with a new one before it: all of it must fail."""
    recorder = WritingFactory(environment(it.database)).application_recorder()

    def once() -> None:
        (first, *_) = rows_of(it)
        rows = first._replace(stream_id=uuid4()), first
        with suppress(IntegrityError):
            recorder.insert_events([RowStoredEvent(row.stream_id, row.version, row.topic, b"", row) for row in rows])
            message = "an event was stored twice"
            raise AssertionError(message)

    return once


def hold_and_roll_back(it: Installation) -> Callable[[], None]:
    """Take the head row, insert, dawdle, and roll back; at times commit, and dawdle before that."""
    (first, *_) = rows_of(it)
    connection = it.connect()
    connection.autocommit = False

    def once() -> None:
        stream, commits = uuid4(), random.random() < 0.3  # noqa: S311
        mine = [first._replace(stream_id=stream, version=n, source="/raw", part=n - 1) for n in (1, 2)]
        append_rows(connection, mine)
        pause()
        if commits:
            connection.commit()
        else:
            connection.rollback()

    return once


def insert_by_sequence(url: str, name: str, acknowledged: Acknowledgements) -> Callable[[], None]:
    """Insert into a table whose positions come from a sequence, with the same delays and rollbacks."""
    connection = psycopg.connect(url)

    def once() -> None:
        fact_id = str(uuid4())
        row = connection.execute(
            "INSERT INTO plain.events (stream_id, version, source, fact_id) VALUES (%s, 1, %s, %s) RETURNING position",
            (uuid4(), f"/{name}", fact_id),
        ).fetchone()
        assert row is not None
        pause()
        if random.random() < 0.3:  # noqa: S311
            connection.rollback()
            return
        connection.commit()
        acknowledged.write(f"/{name}", fact_id, row[0], 1)

    return once


def pause() -> None:
    """Wait for a moment of random length."""
    time.sleep(random.random() * DELAY_SECONDS)  # noqa: S311


def run(jobs: list[Callable[[], None]], seconds: float) -> None:
    """Do each job again and again in a thread of its own, until the time is over; then give up loudly on any error."""
    until = time.monotonic() + seconds
    failures: list[BaseException] = []

    def work(job: Callable[[], None]) -> None:
        try:
            while time.monotonic() < until and not failures:
                job()
                pause()
        except BaseException as error:  # noqa: BLE001 - it is raised below, in the main thread
            failures.append(error)

    threads = [Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def main(  # noqa: PLR0913, PLR0917 - the arguments of a program
    mode: str, url: str, home: str, name: str, file: str, seconds: str
) -> None:
    """Write in one of the two modes."""
    acknowledged = Acknowledgements(Path(file))
    if mode == "sequence":
        run([insert_by_sequence(url, name, acknowledged) for _ in range(4)], float(seconds))
        return
    with opened(load_settings(home=Path(home), database_url=url)) as it:
        jobs = [tell_facts(it, name, acknowledged) for _ in range(4)]
        run([*jobs, fail_through_the_library(it), hold_and_roll_back(it)], float(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
