"""Creating a ledger, and migrating an older one.

A ledger is created completely or not at all; an existing one is left as it is. The files under schema/ make a new
ledger, one object a file. The files under migrations/ bring any older ledger to the same schema; a test compares the
two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from psycopg import errors, sql

from adapters.postgres.connection import Database, translated
from adapters.postgres.queries import query
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    import psycopg

_HERE: Final = Path(__file__).parent
_KINDS: Final = ("tables", "indexes", "functions", "triggers", "privileges")


class LedgerExists(PledgerError):
    """A ledger of this name already exists."""

    code = "ledger_exists"


class LedgerOutdated(PledgerError):
    """The ledger's schema is older, or newer, than this version of Pledger."""

    code = "ledger_outdated"


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of a ledger: its id, the Company stream, the key holder's name, and the wrapped lookup key."""

    ledger_id: UUID
    company_stream: UUID
    key_id: str
    lookup_key: bytes


@dataclass(frozen=True, slots=True)
class FirstRows:
    """What every ledger needs: the Company stream's wrapped key, and the first policy."""

    company_key: bytes
    policy_version: str
    policy_digest: str
    policy_text: str


def schema_files() -> list[Path]:
    """Return the files that make a new ledger, in order."""
    return [path for kind in _KINDS for path in sorted((_HERE / "schema" / kind).glob("*.sql"))]


def migration_files() -> list[Path]:
    """Return the migrations, in order. The digits at the start of a file's name are its number."""
    return sorted((_HERE / "migrations").glob("*.sql"))


def create_ledger(database: Database, identity: Identity, first: FirstRows) -> None:
    """Create the schema, the role, the tables and their single rows. Raises `LedgerExists`."""
    with translated(), database.connect_as_owner() as connection, connection.transaction():
        _enter(connection, database)
        for path in schema_files():
            _run(connection, database, path)
        connection.execute(
            "INSERT INTO ledger VALUES (true, %s, %s, %s, %s, %s)",
            (identity.ledger_id, identity.company_stream, datetime.now(UTC), identity.key_id, identity.lookup_key),
        )
        connection.execute("INSERT INTO head VALUES (true, 0)")
        connection.execute(
            "INSERT INTO stream_keys VALUES (%s, %s, %s)",
            (identity.company_stream, identity.key_id, first.company_key),
        )
        connection.execute(
            "INSERT INTO policies VALUES (1, %s, %s, %s)",
            (first.policy_version, first.policy_digest, first.policy_text),
        )
        for path in migration_files():
            _mark(connection, path)


def migrate(database: Database) -> list[str]:
    """Apply the migrations that a ledger has not had, all or none; return their names."""
    with translated(), database.connect_as_owner() as connection, connection.transaction():
        connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(database.ledger)))
        # This holds up appends; a second process that migrates waits here and then finds nothing to do.
        connection.execute(query("lock_head"))
        had = _had(connection)
        _check_beginning(had)
        missing = [path for path in migration_files() if _number(path) not in had]
        for path in missing:
            _run(connection, database, path)
            _mark(connection, path)
    return [path.stem for path in missing]


def drop_ledger(database: Database) -> None:
    """Remove a ledger and everything in it, if it exists. Only for ledgers of generated facts."""
    with translated(), database.connect_as_owner() as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(database.ledger)))


def check_migrations(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Check that the ledger has had our migrations and no others. Raises `LedgerOutdated`."""
    had = _had(connection)
    _check_beginning(had)
    ours = {_number(path): path.stem for path in migration_files()}
    if missing := sorted(ours.keys() - had.keys()):
        raise LedgerOutdated(
            "The ledger is older than this version of Pledger.",
            f"it lacks the migrations {', '.join(ours[number] for number in missing)}.",
            "Run pledger migrate.",
        )
    if unknown := sorted(had.keys() - ours.keys()):
        raise LedgerOutdated(
            "The ledger is newer than this version of Pledger.",
            f"it has had migrations that are not in this version: {', '.join(had[number] for number in unknown)}.",
            "Use the version of Pledger that migrated it, or a later version.",
        )


def _check_beginning(had: Mapping[int, str]) -> None:
    """Refuse a ledger that began with another first migration. Raises `LedgerOutdated`."""
    first = migration_files()[0]
    if had.get(_number(first)) != first.stem:
        raise LedgerOutdated(
            "The ledger was made by a version of Pledger before the first release.",
            "what it stores has another form now, and no migration leads from one to the other.",
            "Use the version that made it, or set PLEDGER_LEDGER to a new name and run pledger init.",
        )


def _had(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[int, str]:
    return dict(connection.execute("SELECT number, name FROM migrations").fetchall())


def _enter(connection: psycopg.Connection[tuple[Any, ...]], database: Database) -> None:
    try:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(database.ledger)))
    except errors.DuplicateSchema:
        raise LedgerExists(
            f"A ledger {database.ledger!r} already exists at {database.place}.",
            "a ledger is never overwritten.",
            "Use it, or set PLEDGER_LEDGER to another name.",
        ) from None
    connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(sql.Identifier(database.ledger)))
    # A role belongs to the whole server, so another database may have created it.
    writer = sql.Identifier(database.writer)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (database.writer,)).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(writer))
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(writer))


def _run(connection: psycopg.Connection[tuple[Any, ...]], database: Database, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    names = {"ledger": sql.Identifier(database.ledger), "writer": sql.Identifier(database.writer)}
    connection.execute(sql.SQL(text).format(**names))


def _mark(connection: psycopg.Connection[tuple[Any, ...]], path: Path) -> None:
    connection.execute("INSERT INTO migrations VALUES (%s, %s, %s)", (_number(path), path.stem, datetime.now(UTC)))


def _number(path: Path) -> int:
    return int(path.stem.split("_", 1)[0])
