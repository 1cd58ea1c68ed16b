"""Connections to a ledger's database, and the one place that translates the driver's errors into ours.

Every connection works inside one ledger's schema, in UTC, as the role that appends and does not own the tables. A
server outside the supported versions is refused.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.errors import PledgerError
from projections.transient import transient

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST_SERVER: Final = 15
NEWEST_SERVER: Final = 18
CONNECT_SECONDS: Final = 10
# A server that does not answer is given up after half a minute, not after the two hours of TCP.
_KEEPALIVE: Final = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
# READ COMMITTED, so that reads after the head row's lock see what the transaction before it committed. A program that
# freezes in a transaction while it holds a row is ended, so that others can go on.
_SESSION: Final = r"-c default_transaction_isolation=read\ committed -c idle_in_transaction_session_timeout=30s"


class DatabaseUnreachable(PledgerError):
    """No PostgreSQL answers at the address."""

    code = "database_unreachable"


class LoginRefused(PledgerError):
    """PostgreSQL refuses this user: the password is wrong, or the user does not exist."""

    code = "login_refused"


class DatabaseMissing(PledgerError):
    """The server has no database of this name."""

    code = "database_missing"


class UnsupportedServer(PledgerError):
    """The server's major version is not one that Pledger is tested on."""

    code = "unsupported_server"


class NoLedger(PledgerError):
    """The database holds no ledger of this name."""

    code = "no_ledger"


class ConnectionLost(PledgerError):
    """The connection broke during something other than an append."""

    code = "connection_lost"


class NotPermitted(PledgerError):
    """The database user may not do this."""

    code = "not_permitted"


class StatementOverdue(PledgerError):
    """A statement took longer than allowed, most likely waiting for a row that another transaction holds."""

    code = "statement_overdue"


class DatabaseFault(PledgerError):
    """PostgreSQL refused a statement; its SQLSTATE gives the reason."""

    code = "database_fault"


@dataclass(frozen=True, slots=True)
class Database:
    """An address, the ledger (schema) in it, and the role to work as. Its repr and its errors never show the password.

    With `as_writer` the ledger's writer logs in itself, which the embedded server allows. Otherwise the user of the
    address logs in and takes the writer's role.
    """

    url: str
    ledger: str
    as_writer: bool = False

    def __repr__(self) -> str:
        """Return the place without the password."""
        return f"Database({self.place}, {self.ledger})"

    @property
    def place(self) -> str:
        """Host and database for an error, without user and password."""
        parts = conninfo_to_dict(self.url)
        return f"{parts.get('host', 'the local socket')}/{parts.get('dbname', parts.get('user', ''))}"

    @property
    def writer(self) -> str:
        """The role that appends to this ledger and owns none of its tables."""
        return f"{self.ledger}_writer"

    @property
    def conninfo(self) -> str:
        """The connection string for work inside the ledger, as its writer."""
        options = f"-c search_path={self.ledger} -c timezone=UTC {_SESSION}"
        if not self.as_writer:
            options += f" -c role={self.writer}"
        return make_conninfo(
            self.url,
            **({"user": self.writer} if self.as_writer else {}),
            **_KEEPALIVE,
            options=options,
            connect_timeout=CONNECT_SECONDS,
            application_name="pledger",
        )

    def connect(self, *, autocommit: bool = True) -> psycopg.Connection[tuple[Any, ...]]:
        """Open a connection inside the ledger, as its writer."""
        try:
            connection = psycopg.connect(self.conninfo, autocommit=autocommit)
        except psycopg.OperationalError as error:
            if "role" in str(error) and "does not exist" in str(error) and self.writer in str(error):
                raise self._no_ledger() from None
            raise self._unconnected(error) from error
        except psycopg.Error as error:
            raise self._no_ledger() from error
        return self._checked(connection)

    def connect_as_owner(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Open a connection as the user of the address, to create or migrate a ledger."""
        try:
            connection = psycopg.connect(self.url, connect_timeout=CONNECT_SECONDS, options="-c timezone=UTC")
        except psycopg.OperationalError as error:
            raise self._unconnected(error) from error
        return self._checked(connection)

    def _checked(self, connection: psycopg.Connection[tuple[Any, ...]]) -> psycopg.Connection[tuple[Any, ...]]:
        major = connection.info.server_version // 10_000
        if not OLDEST_SERVER <= major <= NEWEST_SERVER:
            connection.close()
            raise UnsupportedServer(
                f"PostgreSQL {major} at {self.place} is not supported.",
                f"Pledger is tested on versions {OLDEST_SERVER} to {NEWEST_SERVER}.",
                "Use one of these versions, or unset PLEDGER_DATABASE_URL to use the embedded server.",
            )
        return connection

    def _no_ledger(self) -> NoLedger:
        return NoLedger(
            f"There is no ledger {self.ledger!r} at {self.place}.",
            "it was not created, or this database user may not work as its writer.",
            "Run pledger init, or set PLEDGER_LEDGER to the name of an existing ledger.",
        )

    def _unconnected(self, error: psycopg.OperationalError) -> PledgerError:
        # A failed connection has no SQLSTATE, so the text has to tell errors apart.
        text = str(error)
        if "permission denied to set role" in text:
            return NotPermitted(
                f"The user in the address of {self.place} may not work on the ledger {self.ledger!r}.",
                "only members of the ledger's writer role may.",
                f"Ask the user that created the ledger to run GRANT {self.writer} TO this user.",
            )
        if "too many clients" in text or "connection slots are reserved" in text:
            return DatabaseUnreachable(
                f"PostgreSQL at {self.place} accepts no more connections.",
                "the number of connections has reached its max_connections.",
                "Try again, close programs that you do not need, or raise max_connections.",
            )
        if "role" in text and "does not exist" in text and "database" not in text.rpartition("FATAL")[2]:
            return self._login_refused()
        if "password authentication failed" in text or "no password supplied" in text or "pg_hba.conf" in text:
            return self._login_refused()
        if "does not exist" in text and "database" in text:
            return DatabaseMissing(
                f"The database at {self.place} does not exist.",
                "the server has no database of this name.",
                "Create it with createdb, or correct PLEDGER_DATABASE_URL.",
            )
        return DatabaseUnreachable(
            f"No PostgreSQL answers at {self.place}.",
            "the server is down, or the address is wrong.",
            "Start it or correct PLEDGER_DATABASE_URL; unset it to use the embedded server.",
        )

    def _login_refused(self) -> LoginRefused:
        return LoginRefused(
            f"PostgreSQL at {self.place} refused the login.",
            "the user or the password is wrong, or the server does not accept this user from here.",
            "Check user and password in PLEDGER_DATABASE_URL.",
        )


@contextmanager
def translated() -> Iterator[None]:
    """Translate the driver's errors into ours. The driver's text, which may quote values, stays in the cause."""
    try:
        yield
    except (errors.UndefinedTable, errors.InvalidSchemaName) as error:
        raise NoLedger(
            "A table of the ledger is missing.",
            "the ledger was not created here, or not completely.",
            "Run pledger doctor, or run pledger init if there is no ledger yet.",
        ) from error
    except errors.InsufficientPrivilege as error:
        raise NotPermitted(
            "PostgreSQL did not permit this.",
            "the database user lacks a privilege on the ledger.",
            "Connect as the user that created the ledger, or have that user grant its writer role to this one.",
        ) from error
    except errors.QueryCanceled as error:
        raise StatementOverdue(
            "Nothing was stored.",
            "the database took too long: another transaction holds a row that every append needs.",
            "Send it again; if this continues, look for a transaction that does not end.",
        ) from error
    except psycopg.Error as error:
        if not _is_lost(error):
            raise _fault(error) from error
        raise ConnectionLost(
            "The connection to PostgreSQL was lost.",
            "the server stopped, restarted or ended the connection.",
            "Check that the server runs, and try again: nothing is stored twice.",
        ) from error


def _is_lost(error: psycopg.Error) -> bool:
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    found = transient(error.sqlstate)
    return found is not None and found.is_lost


def _fault(error: psycopg.Error) -> DatabaseFault:
    return DatabaseFault(
        f"PostgreSQL refused a statement (SQLSTATE {error.sqlstate}).",
        "the reason is in the server's log.",
        "Nothing was stored. Run pledger doctor, and try again.",
    )
