"""Which errors are transient, and how long to wait before the same is tried again.

A fault of the connection, the server or another transaction is transient, whether the driver, the eventsourcing library
or Pledger raised it. A fault of the data or the code is not: it would come again for ever. `projections.transient` has
the table of PostgreSQL's own errors.
"""

from __future__ import annotations

import time
from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from domain.errors import PledgerError
from projections.transient import CREATED_MEANWHILE, transient

if TYPE_CHECKING:
    from collections.abc import Callable

STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Transient HTTP statuses."""
CODES: Final = frozenset({"connection_lost", "database_unreachable", "statement_overdue"})
"""The codes of Pledger's own transient errors."""
OUTAGES: Final = CODES | {"database_missing", "login_refused", "no_ledger", "not_permitted", "too_busy"}
"""What keeps a ledger from taking any fact: senders wait until an operator has solved it."""
FAULTS_OF_FACTS: Final = frozenset(
    {
        *(
            "entry_declared_wrong",
            "entry_forgotten",
            "erasure_waits",
            "fact_conflict",
            "malformed_fact",
            "not_vouched",
            "officer_only",
            "refused",
        ),
        *("time_in_future", "unknown_customer", "version_conflict"),
    }
)
"""The codes of errors that a fact itself causes; any other error on a fact is the ledger's."""
LONGEST_PAUSE_SECONDS: Final = 5.0
_FIRST_PAUSE_SECONDS: Final = 0.1
_DOUBLINGS_MAX: Final = 12
_ATTEMPTS: Final = 10
_LONGEST_IN_CALL_SECONDS: Final = 0.3
"""The longest pause while a caller waits for an answer."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


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
        return transient(error.sqlstate) is not None
    # Without a SQLSTATE the driver or its pool reports the connection; an InterfaceError reports a misuse of them.
    return isinstance(error, psycopg.OperationalError)


def is_created_meanwhile(error: BaseException) -> bool:
    """Return whether the object that was to be created is there by now."""
    from eventsourcing.persistence import IntegrityError  # noqa: PLC0415 - as above

    # The library notices by itself, without an error of the driver, that another process has recorded its migration.
    is_recorded = isinstance(error, IntegrityError) and error.__cause__ is None
    return is_recorded or getattr(_driver_error(error), "sqlstate", None) in CREATED_MEANWHILE


def tried_again(when: Callable[[BaseException], bool]) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Make a function be called again after each error that `when` is true of, at most ten times in all."""

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(function)
        def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            for failures in range(_ATTEMPTS - 1):
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    if not when(error):
                        raise
                time.sleep(backoff_seconds(failures, _FIRST_PAUSE_SECONDS, _LONGEST_IN_CALL_SECONDS))
            return function(*args, **kwargs)

        return called

    return decorate


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
