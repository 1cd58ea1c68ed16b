"""The rows of a shop's outbox: those that wait, the results of their delivery, and the state of the outbox.

The relay reads `pledger_outbox`, writes four of its columns (`delivered_at`, `attempts`, `parked_at`, `reason`), and
removes delivered rows; its role needs no other privilege. Rows come by id, up to the first one whose transaction is not
older than every open one. So what a shop wrote after another transaction's commit comes after what that one wrote.
Times are those of the shop's database. A row is named by its id; its content is never shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.outbox.connection import outbox_errors
from domain.errors import PledgerError
from domain.facts import FACT_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from adapters.outbox.connection import Connection

BATCH: Final = 500
BATCH_BYTES: Final = 512 * 2**10
"""A batch ends with the row that makes it longer than this. Many proxies refuse more than a megabyte."""
REMOVED_AT_ONCE: Final = 5_000
REASON_MAX: Final = 500
_TEXT_MAX: Final = 2 * FACT_BYTES_MAX
"""A longer row is not a fact, however it is written; the destination checks the exact length."""
_LOCK: Final = "hashtextextended('pledger_outbox ' || 'pledger_outbox'::regclass::oid, 0)"

# A row is settled if its transaction is older than every open one. A visible row of a transaction that this server has
# not begun yet came in a dump from another server, and is settled too.
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
_STATUS: Final = f"""
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
    """No parked row has this id."""

    code = "no_such_row"


class OutboxRow(NamedTuple):
    """A row that waits: its event as JSON text, empty if it is far too long, and how many `attempts` failed."""

    id: int
    subject: str | None
    attempts: int
    text: str


class ParkedRow(NamedTuple):
    """A row that is not tried again until somebody retries it."""

    id: int
    written_at: datetime
    parked_at: datetime
    attempts: int
    reason: str


class OutboxStatus(NamedTuple):
    """An outbox in numbers. `held` rows wait for an open transaction; `now` is the time of its database."""

    waiting: int
    failing: int
    held: int
    waiting_since: datetime | None
    parked: int
    delivered: int
    delivered_at: datetime | None
    now: datetime
    is_at_work: bool


class DeliveryResult(NamedTuple):
    """The result for one row: delivered if there is no `reason`, else parked, or to be tried again."""

    id: int
    reason: str | None = None
    is_parked: bool = False
    is_unread: bool = False
    """Whether it holds a value that is not one address or number, which matches nobody."""
    links_nobody: bool = False
    """Whether it names another name of the person, which was not linked."""


def try_lock(connection: Connection) -> bool:
    """Take the relay's lock for as long as the connection lasts; return False if another relay has it."""
    with outbox_errors():
        return connection.execute(f"SELECT pg_try_advisory_lock({_LOCK})".encode()).fetchone() == (True,)


def listen(connection: Connection) -> None:
    """Have the database notify the connection when a row is written."""
    with outbox_errors():
        connection.execute(b"LISTEN pledger_outbox")


def waiting(connection: Connection, limit: int = BATCH) -> list[OutboxRow]:
    """Return the first rows that wait, up to the first that is not settled."""
    parameters = {"limit": limit, "longest": _TEXT_MAX, "bytes": BATCH_BYTES}
    with outbox_errors():
        rows = connection.execute(_WAITING.encode(), parameters, prepare=True).fetchall()
    found: list[OutboxRow] = []
    for *row, is_settled in rows:
        if not is_settled:
            break
        found.append(OutboxRow._make(row))
    return found


def record(connection: Connection, results: Iterable[DeliveryResult]) -> None:
    """Store the results of rows, in one transaction."""
    results = list(results)
    delivered = [one.id for one in results if one.reason is None]
    others = [one for one in results if one.reason is not None]
    with outbox_errors(), connection.transaction():
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
    """Remove rows that were delivered longer ago than `keep`; return how many, at most `REMOVED_AT_ONCE`."""
    with outbox_errors():
        return connection.execute(
            "DELETE FROM pledger_outbox WHERE id IN (SELECT id FROM pledger_outbox "
            "WHERE delivered_at < clock_timestamp() - %s ORDER BY delivered_at LIMIT %s)",
            (keep, REMOVED_AT_ONCE),
        ).rowcount


def status(connection: Connection) -> OutboxStatus:
    """Return the state of an outbox in numbers."""
    with outbox_errors():
        ((*numbers,),) = connection.execute(_STATUS.encode()).fetchall()
    return OutboxStatus._make(numbers)


def parked(connection: Connection, limit: int) -> list[ParkedRow]:
    """Return the first parked rows, in order."""
    with outbox_errors():
        rows = connection.execute(
            "SELECT id, written_at, parked_at, attempts, coalesce(reason, '') FROM pledger_outbox "
            "WHERE parked_at IS NOT NULL ORDER BY id LIMIT %s",
            (limit,),
        ).fetchall()
    return [ParkedRow._make(row) for row in rows]


def retry(connection: Connection, ids: Sequence[int] | None) -> int:
    """Let parked rows wait again, all if `ids` is None; return how many. Raise `NoSuchRow`, and then change nothing."""
    with outbox_errors(), connection.transaction():
        retried = connection.execute(
            "UPDATE pledger_outbox SET parked_at = NULL, attempts = 0 "
            "WHERE parked_at IS NOT NULL AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))",
            {"ids": None if ids is None else list(ids)},
        ).rowcount
        if ids is not None and retried != len(set(ids)):
            raise NoSuchRow(
                "No row was retried.",
                "one of these rows is not parked, or does not exist.",
                "pledger relay parked lists the parked rows.",
            )
        connection.execute(b"NOTIFY pledger_outbox")
    return retried
