"""The one table of transient errors: those that may be gone when the same is tried again, and how long to wait.

A fault of the connection, the server or another transaction is transient, whether the driver, the eventsourcing library
or Pledger raised it. A fault of the data or the code is not: it would come again for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable

SQLSTATES: Final = ("08", "25006", "25P03", "25P04", "40", "53", "55006", "55P03", "57", "58")
"""Transient SQLSTATEs and classes of them.

Connection lost; server read-only; idle or running for too long in a transaction; rolled back for another transaction;
out of resources; object in use; operator intervened; system error.
"""
STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Transient HTTP statuses."""
CODES: Final = frozenset({"connection_lost", "database_unreachable", "statement_overdue"})
"""The codes of Pledger's own transient errors."""
OUTAGES: Final = CODES | {"database_missing", "login_refused", "no_ledger", "not_permitted", "too_busy"}
"""What keeps a ledger from taking any fact: senders wait until an operator has solved it."""
FAULTS_OF_FACTS: Final = frozenset(
    {"fact_conflict", "malformed_fact", "refused", "time_in_future", "unknown_customer", "version_conflict"}
)
"""The codes of errors that a fact itself causes; any other error on a fact is the ledger's."""
LONGEST_PAUSE_SECONDS: Final = 5.0
_FIRST_PAUSE_SECONDS: Final = 0.1
_DOUBLINGS_MAX: Final = 12


class Interrupted(PledgerError):
    """A transient error interrupted work on the ledger, which resumes by itself."""

    code = "interrupted"


class Backoff:
    """Pauses between attempts, each twice as long as the last, up to `LONGEST_PAUSE_SECONDS`.

    `wait` is called with the seconds to wait. It may return sooner, as that of an event does when it is set.
    """

    def __init__(self, wait: Callable[[float], object]) -> None:
        self._wait = wait
        self._failures = 0

    def pause(self) -> None:
        """Wait, and wait longer the next time."""
        self._wait(backoff_seconds(self._failures, _FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS))
        self._failures += 1

    def reset(self) -> None:
        """Begin with short pauses again, after a success."""
        self._failures = 0


def backoff_seconds(failures: int, first: float, longest: float) -> float:
    """Return the pause after so many earlier failures: `first`, doubled by each of them, up to `longest`."""
    return min(first * 2.0 ** min(failures, _DOUBLINGS_MAX), longest)


def is_transient_status(status: int) -> bool:
    """Return whether a request that was answered with this HTTP status may succeed later."""
    return status in STATUSES


def is_transient(error: BaseException) -> bool:
    """Return whether the same attempt may succeed later."""
    import psycopg  # noqa: PLC0415 - the HTTP client asks this module too, and needs no driver

    error = _driver_error(error)
    if isinstance(error, PledgerError):
        return error.code in CODES
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        return error.sqlstate.startswith(SQLSTATES)
    # Without a SQLSTATE the driver or its pool reports the connection; an InterfaceError reports a misuse of them.
    return isinstance(error, psycopg.OperationalError)


def interruption(error: BaseException) -> Interrupted:
    """Return the error that reports a transient one; the driver's text, which may quote values, stays in its cause."""
    sqlstate = getattr(_driver_error(error), "sqlstate", None)
    why = error.what if isinstance(error, PledgerError) else "The connection to PostgreSQL was lost."
    interrupted = Interrupted(
        "Following the ledger was interrupted.",
        f"PostgreSQL interrupted it (SQLSTATE {sqlstate})." if sqlstate else why[:1].lower() + why[1:],
        "Nothing needs doing: it resumes as soon as the server answers.",
    )
    interrupted.__cause__ = error
    return interrupted


def _driver_error(error: BaseException) -> BaseException:
    """Return the driver's error behind one of the eventsourcing library's, which says less."""
    from eventsourcing.persistence import PersistenceError  # noqa: PLC0415 - as above

    return error.__cause__ or error if isinstance(error, PersistenceError) else error
