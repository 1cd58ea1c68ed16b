"""Outages: which errors pass by themselves, and how long to wait before trying again.

Promise: what the connection, the server or another transaction is at fault for counts as passing, whichever of the
driver, the eventsourcing library or Pledger raised it; what the data or the code is at fault for does not, since it
would fail again for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import psycopg
from eventsourcing.persistence import PersistenceError

from adapters.postgres.connection import ConnectionLost, DatabaseUnreachable, StatementOverdue
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_PAUSE_SECONDS: Final = 5.0
_FIRST_PAUSE_SECONDS: Final = 0.1
# SQLSTATEs and classes of them: connection lost, server read-only or idle for too long in a transaction, rolled back
# for another's sake, out of resources, object in use, operator intervened, system error.
_PASSING: Final = ("08", "25006", "25P03", "25P04", "40", "53", "55006", "55P03", "57", "58")


class Interrupted(PledgerError):
    """Following the ledger was interrupted, and is taken up again without being asked."""

    code = "interrupted"


class Pauses:
    """Pauses between attempts, each twice as long as the last, up to `LONGEST_PAUSE_SECONDS`.

    `wait` is given the seconds to wait; it may come back sooner, such as that of an event that means to stop.
    """

    def __init__(self, wait: Callable[[float], object]) -> None:
        self._wait = wait
        self._next = _FIRST_PAUSE_SECONDS

    def pause(self) -> None:
        """Wait, and wait longer the next time."""
        self._wait(self._next)
        self._next = min(2 * self._next, LONGEST_PAUSE_SECONDS)

    def reset(self) -> None:
        """Begin with short pauses again, since something went well."""
        self._next = _FIRST_PAUSE_SECONDS


def passes(error: BaseException) -> bool:
    """Tell whether an error may be gone when the same is tried again."""
    error = _of_the_driver(error)
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        return error.sqlstate.startswith(_PASSING)
    # Without a SQLSTATE it is the driver or its pool that speaks, of the connection; its InterfaceErrors are of misuse.
    return isinstance(error, psycopg.OperationalError | ConnectionLost | DatabaseUnreachable | StatementOverdue)


def interrupted(error: BaseException) -> Interrupted:
    """Say that an error that passes interrupted something; the driver's text stays in the cause."""
    sqlstate = getattr(_of_the_driver(error), "sqlstate", None)
    why = error.what if isinstance(error, PledgerError) else "The connection to PostgreSQL was lost."
    told = Interrupted(
        "Following the ledger was interrupted.",
        f"PostgreSQL interrupted it (SQLSTATE {sqlstate})." if sqlstate else why[:1].lower() + why[1:],
        "Nothing needs doing: it goes on from where it was as soon as the server answers.",
    )
    told.__cause__ = error
    return told


def _of_the_driver(error: BaseException) -> BaseException:
    """Give the driver's error behind one of the library's, which tells less."""
    return error.__cause__ or error if isinstance(error, PersistenceError) else error
