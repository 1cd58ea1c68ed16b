"""The bare side: COPY of the rows that the ledger stored, into a table like theirs, with its indexes and no triggers.

The bytes are made before the clock runs, so that the server alone is measured. The transactions are the ledger's own.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from adapters.postgres.copy_format import copy_bytes
from adapters.postgres.rows import EventRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.side import Job, Place

_COLUMNS: Final = ", ".join(EventRow._fields[:-1]).replace("data", "data::text")
_ROWS: Final = f"SELECT {_COLUMNS} FROM {{}} WHERE position > %s AND position <= %s ORDER BY position"  # noqa: S608


def create_table(place: Place) -> None:
    """Create the table beside the ledger's, which must be there."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(place.bare)))
        copied, stored = sql.Identifier(place.bare, "events"), sql.Identifier(place.ledger, "events")
        connection.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(copied, stored))


def head(place: Place) -> int:
    """Return the position of the place's ledger's last event."""
    with psycopg.connect(place.url) as connection:
        row = connection.execute(sql.SQL("SELECT size FROM {}").format(sql.Identifier(place.ledger, "head"))).fetchone()
    assert row is not None, "a ledger has a head"
    return int(row[0])


class CopySide:
    """One process that copies rows."""

    def __init__(self, place: Place) -> None:
        self._connection = psycopg.connect(place.url, autocommit=True)
        self._rows = sql.SQL(_ROWS).format(sql.Identifier(place.ledger, "events"))
        self._copy = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(place.bare, "events"))
        self._transactions: list[tuple[bytes, int]] = []

    def prepare(self, job: Job) -> None:
        """Read the job's rows, and write their bytes."""
        rows = [EventRow(*row) for row in self._connection.execute(self._rows, (job.after, job.upto)).fetchall()]
        # The clock is read once an append, under the lock, so one time is one transaction.
        appended = [list(group) for _, group in groupby(rows, key=lambda row: row.recorded_at)]
        self._transactions = []
        for batch in appended[job.member :: job.members]:
            recorded_at = batch[0].recorded_at
            assert recorded_at is not None, "a stored row has its time"
            data = copy_bytes(batch, base=batch[0].position - 1, recorded_at=recorded_at)
            self._transactions.append((data, len(batch)))

    def tasks(self) -> Sequence[Callable[[], int]]:
        """Return the work of the one thread."""
        return [partial(self._copy_each, self._transactions)]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _copy_each(self, transactions: Sequence[tuple[bytes, int]]) -> int:
        done = 0
        with self._connection.cursor() as cursor:
            for data, count in transactions:
                with cursor.copy(self._copy) as copy:
                    copy.write(data)
                done += count
        return done
