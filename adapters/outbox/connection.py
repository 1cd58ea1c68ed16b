"""Connections to a shop's own database.

An error says what the relay or its operator can do. It never shows the address, which may hold a password. A transient
error is an `OutboxUnreachable`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import errors
from psycopg.conninfo import make_conninfo

from adapters.transient import is_transient
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST_SERVER: Final = 13
_CONNECT_SECONDS: Final = 10
_KEEPALIVE: Final = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
_REFUSED: Final = (
    "password authentication failed",
    "no password supplied",
    "pg_hba.conf",
    "does not exist",
    "not permitted to log in",
    "permission denied",
)
"""What the server says of a login that would fail again; a failed login has no SQLSTATE."""


class NoOutbox(PledgerError):
    """The database at the address has no table pledger_outbox."""

    code = "no_outbox"


class OutboxUnreachable(PledgerError):
    """The shop's database does not answer."""

    code = "outbox_unreachable"


class OutboxRefused(PledgerError):
    """The shop's database answers, but does not permit the relay to work."""

    code = "outbox_refused"


@dataclass(frozen=True, slots=True)
class Outbox:
    """The address of a shop's database; repr and errors never show it, since it may hold a password."""

    url: str

    def __repr__(self) -> str:
        """Hide the address."""
        return "Outbox(…)"

    def connect(self) -> Connection:
        """Open a connection in autocommit. Raise `OutboxUnreachable`, which is transient, and `OutboxRefused`."""
        try:
            info = make_conninfo(
                self.url, **_KEEPALIVE, connect_timeout=_CONNECT_SECONDS, application_name="pledger relay"
            )
            connection = psycopg.connect(info, autocommit=True)
        except psycopg.ProgrammingError:
            # The driver's message quotes what it could not read, and that may be the password.
            problem = "it is not an address of PostgreSQL"
        except psycopg.OperationalError as error:
            if not any(words in str(error) for words in _REFUSED):
                raise _unreachable() from error
            problem = "the user, the password or the database's name is wrong, or the server refuses this machine"
        else:
            if connection.info.server_version >= OLDEST_SERVER * 10_000:
                with outbox_errors():
                    connection.execute(b"SET timezone = 'UTC'; SET statement_timeout = '30s'")
                return connection
            connection.close()
            problem = f"its PostgreSQL is older than {OLDEST_SERVER}"
        raise OutboxRefused(
            "The outbox was not opened.",
            f"{problem}.",
            "Correct the address of the shop's database, in PLEDGER_OUTBOX_URL or after --outbox.",
        )


@contextmanager
def outbox_errors() -> Iterator[None]:
    """Translate the driver's errors; the driver's text, which may quote values, stays in the cause."""
    try:
        yield
    except (errors.UndefinedTable, errors.UndefinedColumn) as error:
        raise NoOutbox(
            "There is no outbox at this address.",
            "the database has no table pledger_outbox on its search path, or one with other columns.",
            "Create it as its owner: pledger relay sql | psql ADDRESS",
        ) from error
    except errors.InsufficientPrivilege as error:
        raise OutboxRefused(
            "PostgreSQL did not permit this.",
            "the relay's role lacks a privilege on pledger_outbox.",
            "Grant it SELECT, DELETE and UPDATE (delivered_at, attempts, parked_at, reason).",
        ) from error
    except psycopg.Error as error:
        if is_transient(error):
            raise _unreachable() from error
        raise OutboxRefused(
            f"PostgreSQL refused a statement on the outbox (SQLSTATE {error.sqlstate}).",
            "the server's own log says why.",
            "See there; nothing was lost.",
        ) from error


def _unreachable() -> OutboxUnreachable:
    return OutboxUnreachable(
        "The shop's database does not answer.",
        "it is down or busy, or the address is wrong.",
        "Start it, or correct PLEDGER_OUTBOX_URL; the relay waits for it.",
    )
