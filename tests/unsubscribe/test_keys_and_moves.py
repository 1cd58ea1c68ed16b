"""Links outlive a new key file, and a move of the ledger to another database."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.bootstrap import create, opened
from adapters.keys.key_file import KeyFile
from adapters.settings import load_settings
from adapters.unsubscribe import TokenNotValid, Unsubscriber
from tests.controls import CUSTOMER, contest_entry
from tests.unsubscribe.conftest import BASE_URL, EMAIL, Mailing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from adapters.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Make a ledger with one enrolled person, and close it."""
    it = load_settings(home=tmp_path / "home", database_url=database_url)
    create(it)
    return it


def linked(settings: Settings) -> str:
    """Enroll somebody, and give the token of their link."""
    with opened(settings) as installation, closing(Mailing(installation).unsubscriber) as unsubscriber:
        installation.ledger.append(contest_entry(1))
        url = unsubscriber.headers_for(CUSTOMER, EMAIL, BASE_URL, "m-1").footer_url
    return url.rpartition("/")[2]


def works(settings: Settings, token: str) -> bool:
    """Click in a ledger that is opened for it, and tell whether the person is out."""
    with opened(settings) as installation:
        mailing = Mailing(installation)
        with closing(mailing.unsubscriber):
            assert mailing.click(token, 10) is not None
            return not mailing.may_mail(11)


def rewrap(settings: Settings, database_url: str, path: Path) -> KeyFile:
    """Wrap all that the ledger's key wraps with a new one, in a file of its own, as its owner can."""
    old, new = KeyFile.open(settings.key_path), KeyFile.create(path)
    with psycopg.connect(database_url) as connection:
        connection.execute("SET search_path = pledger; ALTER TABLE ledger DISABLE TRIGGER ALL")
        row = connection.execute("SELECT ledger_id, lookup_key FROM ledger").fetchone()
        assert row is not None
        context = b"lookup" + row[0].bytes
        lookup = new.wrap(old.unwrap(row[1], context), context)
        connection.execute("UPDATE ledger SET key_id = %s, lookup_key = %s", (new.key_id, lookup))
        for stream, wrapped in connection.execute("SELECT stream_id, wrapped FROM stream_keys").fetchall():
            context = b"stream" + stream.bytes
            again = new.wrap(old.unwrap(wrapped, context), context)
            connection.execute("UPDATE stream_keys SET wrapped = %s WHERE stream_id = %s", (again, stream))
        connection.execute("ALTER TABLE ledger ENABLE TRIGGER ALL")
    return new


def test_a_new_key(settings: Settings, database_url: str, tmp_path: Path) -> None:
    """Once the key file was replaced by another, and the old one is gone, a link of before works."""
    token = linked(settings)
    path = tmp_path / "new" / "ledger.key"
    new = rewrap(settings, database_url, path)
    assert new.key_id != KeyFile.open(settings.key_path).key_id
    settings.key_path.unlink()
    assert works(settings.model_copy(update={"key_file": path}), token)


@contextmanager
def moved(database_url: str) -> Iterator[str]:
    """Copy a database that nobody uses, and give the address of the copy; it is dropped in the end."""
    name = f"moved_{uuid4().hex[:12]}"
    source = str(conninfo_to_dict(database_url)["dbname"])
    with psycopg.connect(make_conninfo(database_url, dbname="postgres"), autocommit=True) as server:
        copy, of = sql.Identifier(name), sql.Identifier(source)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, of))
        try:
            yield make_conninfo(database_url, dbname=name)
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(copy))


def test_a_move(settings: Settings, database_url: str) -> None:
    """In a copy of the ledger in another database, with the same key file, a link of before works."""
    token = linked(settings)
    with moved(database_url) as elsewhere:
        assert works(load_settings(home=settings.home, database_url=elsewhere), token)


def test_another_ledger(settings: Settings, make_database: Callable[[], str], tmp_path: Path) -> None:
    """A ledger under the same key file, in another database, does not know the link: each has its own."""
    token = linked(settings)
    elsewhere = load_settings(home=tmp_path / "elsewhere", database_url=make_database(), key_file=settings.key_path)
    create(elsewhere)
    with (
        opened(elsewhere) as installation,
        closing(Unsubscriber(installation)) as unsubscriber,
        pytest.raises(TokenNotValid),
    ):
        unsubscriber.unsubscribe(token)
