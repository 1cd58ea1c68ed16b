"""Two ways to a ledger's schema, all files under schema/ or all migrations, and what may happen on them.

From the first release on the first migration is frozen: it is the schema of that release, and later changes are files
after it. Until then `python tests/postgres/test_schema.py` writes it again from the files under schema/; where a stored
format changes, give it a new name, so that ledgers of the old format are refused.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from adapters.bootstrap import create, opened
from adapters.postgres import schema
from adapters.postgres.connection import Database, DatabaseFault, NoLedger
from adapters.postgres.schema import FirstRows, Identity, LedgerExists, LedgerOutdated, create_ledger, migrate
from adapters.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.bootstrap import Installation

IDENTITY = Identity(uuid4(), uuid4(), "key", b"wrapped")
FIRST = FirstRows(b"wrapped", "2016-03-14", "digest", "text")

# What a schema is made of, each part by its name; %(schema)s is the schema's.
_PARTS: dict[str, LiteralString] = {
    "tables": "SELECT relname, relkind, relpersistence, relrowsecurity, reloptions, pg_get_userbyid(relowner)"
    " FROM pg_class WHERE relnamespace = %(schema)s::regnamespace",
    "columns": "SELECT relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attstorage, attidentity,"
    " attgenerated, pg_get_expr(adbin, adrelid) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
    " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
    " WHERE relnamespace = %(schema)s::regnamespace AND attnum > 0",
    "constraints": "SELECT conname, contype, conrelid::regclass::text, pg_get_constraintdef(oid), convalidated"
    " FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace",
    "indexes": "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid FROM pg_index"
    " JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = %(schema)s::regnamespace",
    "triggers": "SELECT tgname, tgenabled, pg_get_triggerdef(pg_trigger.oid) FROM pg_trigger"
    " JOIN pg_class ON pg_class.oid = tgrelid WHERE relnamespace = %(schema)s::regnamespace",
    "functions": "SELECT proname, pg_get_functiondef(oid), prosecdef, provolatile, proacl::text, proconfig FROM pg_proc"
    " WHERE pronamespace = %(schema)s::regnamespace",
    "types": "SELECT typname, typtype FROM pg_type WHERE typnamespace = %(schema)s::regnamespace",
    "grants": "SELECT relname, entry::text FROM pg_class, unnest(relacl) AS entry"
    " WHERE relnamespace = %(schema)s::regnamespace",
    "grants on the schema": "SELECT entry::text FROM pg_namespace, unnest(nspacl) AS entry WHERE nspname = %(schema)s",
}


def _parts(url: str, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that a schema is made of."""
    with psycopg.connect(url) as connection:
        return {
            part: sorted(connection.execute(query, {"schema": name}).fetchall(), key=repr)
            for part, query in _PARTS.items()
        }


def test_the_files_and_all_migrations_make_the_same_schema(
    make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables, columns, constraints, indexes, triggers, functions and grants are the same, made either way."""
    by_files = Database(make_database(), "pledger")
    create_ledger(by_files, IDENTITY, FIRST)
    by_migrations = Database(make_database(), "pledger")
    with monkeypatch.context() as patched:
        # The same program, but for where it finds the files of a new ledger.
        patched.setattr(schema, "schema_files", schema.migration_files)
        create_ledger(by_migrations, IDENTITY, FIRST)
    ours, theirs = _parts(by_files.url, "pledger"), _parts(by_migrations.url, "pledger")
    assert all(ours.values())
    for part in ours:
        assert ours[part] == theirs[part], part


def test_the_comparison_sees_a_trigger_that_is_not_always_on(make_database: Callable[[], str]) -> None:
    """The comparison finds a difference in how a trigger is enabled, in a grant and in a default."""
    database = Database(make_database(), "pledger")
    create_ledger(database, IDENTITY, FIRST)
    before = _parts(database.url, "pledger")
    changes: dict[str, LiteralString] = {
        "triggers": "ALTER TABLE pledger.events ENABLE TRIGGER events_stay",
        "grants": "GRANT UPDATE ON pledger.events TO pledger_writer",
        "columns": "ALTER TABLE pledger.events ALTER actor SET DEFAULT 'x'",
        "constraints": "ALTER TABLE pledger.facts DROP CONSTRAINT facts_pkey",
    }
    with psycopg.connect(database.url, autocommit=True) as connection:
        for part, change in changes.items():
            connection.execute(change)
            assert _parts(database.url, "pledger")[part] != before[part]


def test_a_new_ledger_has_had_every_migration(make_database: Callable[[], str]) -> None:
    """A ledger that was just created has nothing to migrate, and is checked without a complaint."""
    database = Database(make_database(), "pledger")
    create_ledger(database, IDENTITY, FIRST)
    assert migrate(database) == []
    with database.connect() as connection:
        schema.check_migrations(connection)
        names = connection.execute("SELECT name FROM migrations ORDER BY number").fetchall()
    assert names == [(path.stem,) for path in schema.migration_files()]


def test_a_second_creation_is_refused_and_changes_nothing(make_database: Callable[[], str]) -> None:
    """`LedgerExists` is raised, and the ledger that is there stays as it is."""
    database = Database(make_database(), "pledger")
    create_ledger(database, IDENTITY, FIRST)
    with pytest.raises(LedgerExists, match="never overwritten"):
        create_ledger(database, replace(IDENTITY, ledger_id=uuid4()), FIRST)
    with database.connect() as connection:
        assert connection.execute("SELECT ledger_id FROM ledger").fetchall() == [(IDENTITY.ledger_id,)]


def test_a_creation_that_fails_leaves_nothing_behind(
    make_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file that PostgreSQL refuses takes back the schema and everything in it, and a second try succeeds."""
    database = Database(make_database(), "pledger")
    broken = tmp_path / "broken.sql"
    broken.write_text("CREATE TABLE twice (); CREATE TABLE twice ();")
    with monkeypatch.context() as patched:
        files = [*schema.schema_files(), broken]
        patched.setattr(schema, "schema_files", lambda: files)
        with pytest.raises(DatabaseFault):
            create_ledger(database, IDENTITY, FIRST)
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT to_regnamespace('pledger')").fetchone() == (None,)
    create_ledger(database, IDENTITY, FIRST)


def test_a_migration_is_applied_once_and_wholly(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An older ledger is refused until it is migrated; a migration that fails changes nothing; a good one runs once."""
    added, failing = tmp_path / "9001_more.sql", tmp_path / "9002_wrong.sql"
    added.write_text("CREATE TABLE more (); GRANT SELECT ON more TO {writer};")
    failing.write_text("SELECT 1 / 0;")
    files = [*schema.migration_files(), added]
    monkeypatch.setattr(schema, "migration_files", lambda: [*files, failing])
    with (
        pytest.raises(LedgerOutdated, match="lacks the migrations 9001_more, 9002_wrong"),
        opened(installation.settings),
    ):
        pass
    with pytest.raises(DatabaseFault):
        migrate(installation.database)
    with installation.connect() as connection:
        assert connection.execute("SELECT to_regclass('more')").fetchone() == (None,)
    monkeypatch.setattr(schema, "migration_files", lambda: files)
    assert migrate(installation.database) == ["9001_more"]
    assert migrate(installation.database) == []
    with opened(installation.settings) as it, it.connect() as connection:
        assert connection.execute("SELECT count(*) FROM more").fetchone() == (0,)


def test_a_ledger_of_a_later_version_is_refused(installation: Installation) -> None:
    """A ledger that has had a migration which this version does not know is not opened."""
    with installation.database.connect_as_owner() as connection:
        connection.execute("INSERT INTO pledger.migrations VALUES (9001, '9001_future', clock_timestamp())")
    with pytest.raises(LedgerOutdated, match="newer than this version"), opened(installation.settings):
        pass


def test_a_ledger_that_began_with_another_first_migration_is_refused(installation: Installation) -> None:
    """A ledger from before the formats were changed is neither opened nor migrated, and the error says what to do."""
    with installation.database.connect_as_owner() as connection:
        connection.execute("UPDATE pledger.migrations SET name = '0001_first' WHERE number = 1")
    with pytest.raises(LedgerOutdated, match="before the first release") as caught, opened(installation.settings):
        pass
    assert "PLEDGER_LEDGER" in caught.value.hint
    with pytest.raises(LedgerOutdated, match="before the first release"):
        migrate(installation.database)


def test_migrating_where_there_is_no_ledger_says_so(database_url: str) -> None:
    """`NoLedger` is raised, and nothing is created."""
    with pytest.raises(NoLedger):
        migrate(Database(database_url, "pledger"))


def test_several_ledgers_in_one_database_do_not_touch(database_url: str, tmp_path: Path) -> None:
    """Each is a schema with a role of its own, which cannot read the other."""
    names = ("shop_one", "shop_two")
    settings = {name: load_settings(home=tmp_path / name, ledger=name, database_url=database_url) for name in names}
    for name in names:
        create(settings[name])
    one, two = (_parts(database_url, name) for name in names)
    assert repr(one) == repr(two).replace("shop_two", "shop_one")
    with opened(settings["shop_one"]) as it, it.connect() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM shop_two.events")
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (1,)
    with psycopg.connect(database_url) as connection:
        for name in names:
            connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(f"{name}_writer")))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(f"{name}_writer")))


def test_nothing_in_a_ledger_leaves_its_schema(make_database: Callable[[], str]) -> None:
    """No default calls a clock or a sequence, no key refers to another schema, and no lock takes a whole table."""
    text = "\n".join(path.read_text() for path in [*schema.schema_files(), *schema.migration_files()]).lower()
    statements = re.sub(r"--[^\n]*", "", text)
    for word in ("default", "serial", "nextval", "references", "lock table", "create extension", "public."):
        assert word not in statements, word
    database = Database(make_database(), "pledger")
    create_ledger(database, IDENTITY, FIRST)
    assert not [kind for _, kind, *_ in _parts(database.url, "pledger")["tables"] if kind not in {"r", "i"}]


def write_first_migration() -> Path:
    """Write migrations/0001_ledger.sql from the files under schema/, in their order."""
    path = Path(schema.__file__).parent / "migrations" / "0001_ledger.sql"
    opening = "-- The schema of the first release, in one file. From that release on, changes are in later files.\n"
    path.write_text(opening + "".join(f"\n{file.read_text()}" for file in schema.schema_files()))
    return path


if __name__ == "__main__":
    write_first_migration()
