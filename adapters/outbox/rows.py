"""The rows of a shop's outbox: those that wait, what became of them, and how they stand.

Promise: it reads `pledger_outbox` and writes four of its columns (`delivered_at`, `attempts`, `parked_at`, `reason`),
and removes rows that were delivered; a role that may do that and nothing else is enough. Rows are given by id, and
only up to the first one whose transaction is younger than one that is still open: what a shop wrote after another
transaction had committed comes after what that one wrote, whoever was open meanwhile. Times are the shop's database's.
Refused: to show what a row holds; it is named by its id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.outbox.connecting import told
from domain.errors import PledgerError
from domain.facts import FACT_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from adapters.outbox.connecting import Connection

BATCH: Final = 500
BATCH_BYTES: Final = 512 * 2**10
"""A batch ends with the row that makes it longer than this, well below the megabyte that many a proxy lets through."""
REMOVED_AT_ONCE: Final = 5_000
REASON_MAX: Final = 500
_TEXT_MAX: Final = 2 * FACT_BYTES_MAX
"""A longer row is no fact, however it is written; how long a fact may be is for whoever takes it to judge."""
_LOCK: Final = "hashtextextended('pledger_outbox ' || 'pledger_outbox'::regclass::oid, 0)"

# A row whose transaction is not older than every open one is not settled. One that is visible, and yet of a
# transaction that this server has not begun, came here in a dump from another server, and is settled as well.
_SETTLED: Final = (
    "xid < pg_snapshot_xmin(pg_current_snapshot()) OR xid >= pg_snapshot_xmax(pg_current_snapshot()) AS is_settled"
)
_WAITING: Final = f"""
    SELECT id, subject, attempts, text, is_settled FROM (
        SELECT *, sum(octet_length(text)) OVER (ORDER BY id) - octet_length(text) AS bytes_before FROM (
            SELECT id, subject, attempts, {_SETTLED},
                CASE WHEN octet_length(event::text) <= %(longest)s THEN event::text ELSE '' END AS text
            FROM pledger_outbox WHERE delivered_at IS NULL AND parked_at IS NULL ORDER BY id LIMIT %(limit)s
        ) AS first
    ) AS counted WHERE bytes_before < %(bytes)s ORDER BY id
"""  # noqa: S608 - our own words
_STANDING: Final = f"""
    SELECT count(*), count(*) FILTER (WHERE attempts > 0), count(*) FILTER (WHERE NOT is_settled), min(written_at),
        (SELECT count(*) FROM pledger_outbox WHERE parked_at IS NOT NULL),
        (SELECT count(*) FROM pledger_outbox WHERE delivered_at IS NOT NULL),
        (SELECT max(delivered_at) FROM pledger_outbox WHERE delivered_at IS NOT NULL),
        clock_timestamp(),
        EXISTS (
            SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (classid::bigint << 32) | objid::bigint = {_LOCK}
        )
    FROM (
        SELECT attempts, written_at, {_SETTLED} FROM pledger_outbox WHERE delivered_at IS NULL AND parked_at IS NULL
    ) AS waiting
"""  # noqa: S608 - our own words


class NoSuchRow(PledgerError):
    """No row that is parked has this id."""

    code = "no_such_row"


class Row(NamedTuple):
    """A row that waits: its event as JSON text, empty if it is far too long. `attempts`: those that failed."""

    id: int
    subject: str | None
    attempts: int
    text: str


class Parked(NamedTuple):
    """A row that is not tried any more, until somebody says so."""

    id: int
    written_at: datetime
    parked_at: datetime
    attempts: int
    reason: str


class Standing(NamedTuple):
    """An outbox in numbers. `held`: of those that `wait`, how many an open transaction holds back; `now`: its clock."""

    waiting: int
    failing: int
    held: int
    waiting_since: datetime | None
    parked: int
    delivered: int
    delivered_at: datetime | None
    now: datetime
    is_at_work: bool


class Fate(NamedTuple):
    """What became of a row: delivered if there is no `reason`; else parked, or to be tried again."""

    id: int
    reason: str | None = None
    is_parked: bool = False


def is_mine(connection: Connection) -> bool:
    """Take the turn to relay, for as long as the connection lasts; False: another has it."""
    with told():
        return connection.execute(f"SELECT pg_try_advisory_lock({_LOCK})".encode()).fetchone() == (True,)


def listen(connection: Connection) -> None:
    """Have the connection woken up by whoever writes a row."""
    with told():
        connection.execute(b"LISTEN pledger_outbox")


def waiting(connection: Connection, limit: int = BATCH) -> list[Row]:
    """Give the first rows that wait, up to the first that an open transaction may yet come before."""
    asked = {"limit": limit, "longest": _TEXT_MAX, "bytes": BATCH_BYTES}
    with told():
        rows = connection.execute(_WAITING.encode(), asked, prepare=True).fetchall()
    found: list[Row] = []
    for *row, is_settled in rows:
        if not is_settled:
            break
        found.append(Row._make(row))
    return found


def note(connection: Connection, fates: Iterable[Fate]) -> None:
    """Write down what became of rows, in one transaction."""
    fates = list(fates)
    delivered = [one.id for one in fates if one.reason is None]
    others = [one for one in fates if one.reason is not None]
    with told(), connection.transaction():
        if delivered:
            connection.execute(
                "UPDATE pledger_outbox SET delivered_at = clock_timestamp(), reason = NULL WHERE id = ANY(%s)",
                (delivered,),
            )
        if others:
            connection.execute(
                "UPDATE pledger_outbox SET attempts = attempts + 1, reason = one.reason, "
                "parked_at = CASE WHEN one.is_parked THEN clock_timestamp() END "
                "FROM unnest(%s::bigint[], %s::text[], %s::boolean[]) AS one (id, reason, is_parked) "
                "WHERE pledger_outbox.id = one.id",
                ([one.id for one in others], [one.reason for one in others], [one.is_parked for one in others]),
            )


def remove_delivered(connection: Connection, keep: timedelta) -> int:
    """Remove rows that were delivered longer ago than `keep`; give how many, at most `REMOVED_AT_ONCE`."""
    with told():
        return connection.execute(
            "DELETE FROM pledger_outbox WHERE id IN (SELECT id FROM pledger_outbox "
            "WHERE delivered_at < clock_timestamp() - %s ORDER BY delivered_at LIMIT %s)",
            (keep, REMOVED_AT_ONCE),
        ).rowcount


def standing(connection: Connection) -> Standing:
    """Give an outbox in numbers."""
    with told():
        ((*numbers,),) = connection.execute(_STANDING.encode()).fetchall()
    return Standing._make(numbers)


def parked(connection: Connection, limit: int) -> list[Parked]:
    """Give the rows that are parked, in order."""
    with told():
        rows = connection.execute(
            "SELECT id, written_at, parked_at, attempts, coalesce(reason, '') FROM pledger_outbox "
            "WHERE parked_at IS NOT NULL ORDER BY id LIMIT %s",
            (limit,),
        ).fetchall()
    return [Parked._make(row) for row in rows]


def retry(connection: Connection, ids: Sequence[int] | None) -> int:
    """Let parked rows wait again, all if none is named; give how many. Raises `NoSuchRow`, and then changes nothing."""
    with told(), connection.transaction():
        taken_up = connection.execute(
            "UPDATE pledger_outbox SET parked_at = NULL, attempts = 0 "
            "WHERE parked_at IS NOT NULL AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))",
            {"ids": None if ids is None else list(ids)},
        ).rowcount
        if ids is not None and taken_up != len(set(ids)):
            raise NoSuchRow(
                "No row was taken up.",
                "one that was named is not parked, or not there.",
                "See those that are with pledger relay parked.",
            )
        connection.execute(b"NOTIFY pledger_outbox")
    return taken_up
