"""What is recorded stays: tried as the role that the program works as, as the owner, and as a superuser."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

from adapters.bootstrap import create, opened
from adapters.postgres.connection import NotPermitted, translated
from adapters.settings import load_settings
from tests.reading import application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from adapters.bootstrap import Installation

KEPT = ("events", "facts", "policies", "ledger")
COLUMN: dict[str, LiteralString] = {"events": "actor", "facts": "content", "policies": "version", "ledger": "key_id"}

CHANGES: tuple[LiteralString, ...] = (
    "UPDATE {table} SET {column} = 'x'",
    "UPDATE {table} SET {column} = {column} WHERE false",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "MERGE INTO {table} USING (SELECT 1) AS one (n) ON true WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone",
)
SEIZURES: tuple[LiteralString, ...] = (
    "DROP TABLE {table}",
    "ALTER TABLE {table} ADD COLUMN more text",
    "ALTER TABLE {table} ALTER COLUMN {column} TYPE text USING 'x'",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER {trigger}",
    "DROP TRIGGER {trigger} ON {table}",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "CREATE TABLE heir () INHERITS ({table})",
    "DROP SCHEMA pledger CASCADE",
    "SET session_replication_role = replica",
)


def _fill(statement: LiteralString, table: str) -> sql.Composed:
    names = {"table": table, "column": COLUMN[table], "trigger": f"{table}_stay"}
    return sql.SQL(statement).format(**{name: sql.Identifier(text) for name, text in names.items()})


@contextmanager
def _nothing_changes(url: str) -> Iterator[None]:
    def contents() -> list[list[Any]]:
        with psycopg.connect(url) as connection:
            return [
                connection.execute(sql.SQL("SELECT * FROM pledger.{}").format(sql.Identifier(table))).fetchall()
                for table in KEPT
            ]

    before = contents()
    assert all(before), "there must be something to lose"
    yield
    assert contents() == before


def test_the_program_may_not_change_it(installation: Installation, database_url: str) -> None:
    """The role that the program works as is refused by grant, before any trigger is asked."""
    with _nothing_changes(database_url), installation.connect() as connection:
        for table in KEPT:
            for statement in CHANGES:
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(_fill(statement, table))
        with pytest.raises(NotPermitted), translated():
            connection.execute("DELETE FROM events")


@pytest.mark.parametrize("role", ["origin", "replica", "local"])
def test_the_owner_and_a_superuser_may_not_change_it(database_url: str, installation: Installation, role: str) -> None:
    """Triggers refuse the owner, who is a superuser here, in every replication role."""
    assert installation.ledger is not None
    with _nothing_changes(database_url), psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET search_path TO pledger")
        connection.execute(sql.SQL("SET session_replication_role = {}").format(sql.Literal(role)))
        for table in KEPT:
            for statement in CHANGES:
                with pytest.raises(errors.IntegrityConstraintViolation, match="is refused"):
                    connection.execute(_fill(statement, table))
        with pytest.raises(errors.IntegrityConstraintViolation, match="is refused"):
            connection.execute("TRUNCATE events, facts, policies, ledger CASCADE")
        with pytest.raises(errors.IntegrityConstraintViolation, match="is refused"):
            connection.execute(
                "INSERT INTO facts SELECT * FROM facts ON CONFLICT (fact) DO UPDATE SET content = '\\x00'"
            )


def test_the_program_may_not_seize_it(installation: Installation, database_url: str) -> None:
    """The writer cannot drop or alter a table or a function, add or disable a trigger, or switch triggers off."""
    with _nothing_changes(database_url), installation.connect() as connection:
        for table in KEPT:
            for statement in SEIZURES:
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(_fill(statement, table))


def test_the_program_works_as_a_role_that_owns_no_table(installation: Installation) -> None:
    """Both ways into the database, ours and the library's, are as the writer, which owns nothing of the ledger."""
    who: LiteralString = (
        "SELECT current_user, (SELECT count(*) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner"
        " WHERE relnamespace = 'pledger'::regnamespace AND rolname = current_user),"
        " (SELECT rolsuper OR rolcreaterole OR rolbypassrls OR rolreplication FROM pg_roles"
        " WHERE rolname = current_user)"
    )
    with installation.connect() as connection:
        assert connection.execute(who).fetchone() == ("pledger_writer", 0, False)
    with application(installation) as it, it.factory.datastore.get_connection() as connection:  # type: ignore[attr-defined]
        assert tuple(connection.execute(who).fetchone().values()) == ("pledger_writer", 0, False)


def test_on_the_embedded_server_the_program_cannot_take_another_role(tmp_path: Path) -> None:
    """There the writer logs in itself, so its connection has no other role to go back to."""
    settings = load_settings(home=tmp_path)
    create(settings)
    with opened(settings) as it, it.connect() as connection:
        assert connection.execute("SELECT session_user, current_user").fetchone() == ("pledger_writer",) * 2
        connection.execute("SET ROLE NONE")
        connection.execute("RESET ROLE")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("DELETE FROM events")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("SET ROLE postgres")


def test_an_owner_who_is_no_superuser_can_create_a_ledger_and_not_change_it(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    """A user who may create roles and schemas makes a ledger, works in it, and is refused like any other."""
    url = make_database()
    owner = "owner_of_" + psycopg.conninfo.conninfo_to_dict(url)["dbname"]  # type: ignore[operator]  # It is a text.
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(owner)))
        connection.execute(
            sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(
                sql.Identifier(connection.info.dbname), sql.Identifier(owner)
            )
        )
    try:
        settings = load_settings(
            home=tmp_path, ledger="shop_" + owner[-8:], database_url=make_conninfo(url, user=owner)
        )
        create(settings)
        with opened(settings) as it, it.connect() as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute("DELETE FROM events")
        with psycopg.connect(make_conninfo(url, user=owner), autocommit=True) as connection:
            connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(settings.ledger)))
            with pytest.raises(errors.IntegrityConstraintViolation, match="is refused"):
                connection.execute("DELETE FROM events")
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute("SET session_replication_role = replica")
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            for role in (f"shop_{owner[-8:]}_writer", owner):
                if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                    connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
                    connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
