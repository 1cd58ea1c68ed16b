"""Each thing that can go wrong at the door says what happened, why, and what to do, and loses nothing."""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import partial
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.bootstrap import create, opened
from adapters.contract import parse_fact
from adapters.keys.key_file import KeyFileExposed, KeyFileMissing, WrongKey
from adapters.postgres import connection as connecting
from adapters.postgres.connection import (
    Database,
    DatabaseFault,
    DatabaseMissing,
    DatabaseUnreachable,
    LoginRefused,
    NoLedger,
    NotPermitted,
    UnsupportedServer,
    translated,
)
from adapters.postgres.embedded.server import EmbeddedServer
from adapters.postgres.schema import LedgerExists
from adapters.settings import Settings, load_settings
from domain.errors import MalformedFact, PledgerError, TimeInFuture, UnknownCustomer, VersionConflict
from tests.controls import cloud_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from adapters.bootstrap import Installation

SECRET = "Zyxwvut-7"
"""A password, and a personal value, that no text may show."""


def _assert_raised(kind: type[PledgerError], work: Callable[[], object]) -> PledgerError:
    """Let something go wrong, and make sure that the error is one that a person can act on."""
    with pytest.raises(kind) as caught:
        work()
    error = caught.value
    assert type(error) is kind
    assert error.code
    assert error.code.replace("_", "").islower()
    for sentence in (error.what, error.why, error.hint):
        assert sentence.strip() == sentence
        assert len(sentence) > 10
    assert str(error) == f"{error.what} Why: {error.why} Do: {error.hint}"
    texts, chain = [repr(error)], [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(cause)  # type: ignore[arg-type]  # Any error may be a cause.
    texts += [str(one) for one in chain]
    assert not [text for text in texts if SECRET.lower() in text.lower()]
    return error


def _open(settings: Settings) -> None:
    with opened(settings):
        pass


def _fact(name: str = "a", subject: str = "customer:1", **envelope: Any) -> Any:  # noqa: ANN401
    return parse_fact(cloud_event("opt_out", name, "2016-05-02T10:15:00Z", subject) | envelope)


def test_no_server(tmp_path: Path) -> None:
    """Nobody listens at the address, or the host does not exist, or there is no such socket."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url in (
        f"postgresql://ada:{SECRET}@127.0.0.1:{port}/shop",
        f"postgresql://ada:{SECRET}@no-such-host.invalid/shop",
        f"postgresql://ada:{SECRET}@/shop?host=/no/such/folder",
    ):
        settings = load_settings(home=tmp_path, database_url=url)
        for work in (create, _open):
            assert "PLEDGER_DATABASE_URL" in _assert_raised(DatabaseUnreachable, partial(work, settings)).hint


def test_no_database(database_url: str, tmp_path: Path) -> None:
    """The server is there and has no database of that name."""
    url = make_conninfo(database_url, dbname="no_such_database")
    error = _assert_raised(DatabaseMissing, lambda: create(load_settings(home=tmp_path, database_url=url)))
    assert "createdb" in error.hint


def test_no_such_user(database_url: str, tmp_path: Path) -> None:
    """The server knows no user of that name."""
    url = make_conninfo(database_url, user="no_such_user")
    _assert_raised(LoginRefused, lambda: create(load_settings(home=tmp_path, database_url=url)))


@pytest.fixture(scope="module")
def server_with_passwords(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a server that asks a user for a password by SCRAM; gives its address with the right one."""
    home = tmp_path_factory.mktemp("scram", numbered=True)
    with EmbeddedServer(home) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE ROLE ada LOGIN SUPERUSER PASSWORD {}").format(sql.Literal(SECRET)))
            rules = server.data / "pg_hba.conf"
            rules.write_text(f"local all ada scram-sha-256\nlocal all barred reject\n{rules.read_text()}")
            connection.execute("SELECT pg_reload_conf()")
        yield make_conninfo(server.url(user="ada"), password=SECRET)


def test_a_wrong_password(server_with_passwords: str, tmp_path: Path) -> None:
    """SCRAM refuses a wrong password and a missing one, pg_hba.conf refuses a user; the right password opens."""
    create(load_settings(home=tmp_path, database_url=server_with_passwords))
    for wrong in (
        make_conninfo(server_with_passwords, password="wrong"),
        make_conninfo(server_with_passwords, password=""),
        make_conninfo(server_with_passwords, user="barred"),
    ):
        error = _assert_raised(LoginRefused, partial(_open, load_settings(home=tmp_path, database_url=wrong)))
        assert "password" in error.hint
    _open(load_settings(home=tmp_path, database_url=server_with_passwords))
    assert SECRET not in repr(Database(server_with_passwords, "pledger"))


def test_a_server_that_is_no_postgresql(tmp_path: Path) -> None:
    """Something else answers at the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    client.close()

        Thread(target=answer, daemon=True).start()
        url = f"postgresql://ada:{SECRET}@127.0.0.1:{listener.getsockname()[1]}/shop"
        _assert_raised(DatabaseUnreachable, lambda: create(load_settings(home=tmp_path, database_url=url)))


def test_an_unsupported_version(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server newer, or older, than the tested versions is refused with both numbers; nothing is created on it."""
    with installation.connect() as connection:
        major = connection.info.server_version // 10_000
    for bound, value in (("NEWEST_SERVER", major - 1), ("OLDEST_SERVER", major + 1)):
        with monkeypatch.context() as patched:
            patched.setattr(connecting, bound, value)
            error = _assert_raised(UnsupportedServer, lambda: _open(installation.settings))
            assert str(major) in error.what
            assert str(value) in error.why
            _assert_raised(
                UnsupportedServer, lambda: create(installation.settings.model_copy(update={"ledger": "another"}))
            )
    _assert_raised(NoLedger, lambda: _open(installation.settings.model_copy(update={"ledger": "another"})))


def test_too_many_connections(server_with_passwords: str, tmp_path: Path) -> None:
    """A server whose connections are all taken says so."""
    settings = load_settings(home=tmp_path, database_url=server_with_passwords)
    taken: list[psycopg.Connection[Any]] = []
    try:
        with suppress(psycopg.OperationalError):
            taken.extend(psycopg.connect(server_with_passwords) for _ in count())
        error = _assert_raised(DatabaseUnreachable, lambda: _open(settings))
        assert "no more connections" in error.what
    finally:
        for one in taken:
            one.close()


def test_no_ledger(database_url: str, tmp_path: Path, installation: Installation) -> None:
    """There is no ledger of that name, whether or not another database of the server made its role."""
    name = f"ledger_{uuid4().hex[:8]}"
    for ledger in (name, "pledger"):
        settings = load_settings(
            home=tmp_path, database_url=make_conninfo(database_url, dbname="postgres"), ledger=ledger
        )
        error = _assert_raised(NoLedger, partial(_open, settings))
        assert "pledger init" in error.hint
    assert installation.ledger is not None


def test_a_user_who_is_no_member_of_the_writer_role(installation: Installation, database_url: str) -> None:
    """A database user who may not work as the ledger's writer reads which grant is missing."""
    user = f"guest_{uuid4().hex[:8]}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(user)))
        try:
            url = make_conninfo(database_url, user=user)
            settings = load_settings(home=installation.settings.home, database_url=url)
            error = _assert_raised(NotPermitted, lambda: _open(settings))
            assert "GRANT pledger_writer" in error.hint
            connection.execute(sql.SQL("GRANT pledger_writer TO {}").format(sql.Identifier(user)))
            _open(settings)
            _assert_raised(NotPermitted, lambda: create(settings.model_copy(update={"ledger": "another"})))
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(user)))


def test_a_ledger_that_is_there_already(installation: Installation) -> None:
    """A second init changes nothing."""
    _assert_raised(LedgerExists, lambda: create(installation.settings))
    assert installation.connect().execute("SELECT size FROM head").fetchone() == (1,)


def test_the_key_file(installation: Installation) -> None:
    """A key file that is lost, readable by others or of another ledger stops everything until it is mended."""
    settings, path = installation.settings, installation.settings.key_path
    path.chmod(0o640)
    assert "chmod 600" in _assert_raised(KeyFileExposed, lambda: _open(settings)).hint
    path.chmod(0o600)
    aside = path.rename(path.with_name("aside"))
    assert "backup" in _assert_raised(KeyFileMissing, lambda: _open(settings)).hint
    path.write_text("pledger key file 1\n" + "0" * 64 + "\n")
    path.chmod(0o600)
    _assert_raised(WrongKey, lambda: _open(settings))
    aside.rename(path)
    _open(settings)


def test_facts_that_cannot_be_true(installation: Installation) -> None:
    """An unknown customer, a time in the future, a time without a zone, and a malformed fact; nothing is stored."""
    ledger = installation.ledger
    _assert_raised(UnknownCustomer, lambda: ledger.append(_fact(subject=f"id:{uuid4()}")))
    _assert_raised(UnknownCustomer, lambda: ledger.append(_fact(subject=f"id:{SECRET}")))
    _assert_raised(UnknownCustomer, lambda: ledger.ask(_fact(subject=f"id:{SECRET}")))
    _assert_raised(
        TimeInFuture, lambda: ledger.append(_fact(subject=f"customer:{SECRET}", time="2036-01-01T00:00:00Z"))
    )
    error = _assert_raised(MalformedFact, lambda: _fact(subject=f"customer:{SECRET}", time="2016-05-02T10:15:00"))
    assert "no time zone" in str(error)
    # What looks like a field's name is told, so that a slip can be found; what cannot be one is not.
    _assert_raised(
        MalformedFact, lambda: _fact(subject=SECRET, data={f"{SECRET}@x": SECRET}, **{f"{SECRET} x": SECRET})
    )
    assert installation.connect().execute("SELECT size FROM head").fetchone() == (1,)


def test_a_version_conflict(installation: Installation) -> None:
    """The error has both versions, and does not name the customer."""
    installation.ledger.append(_fact(subject=f"customer:{SECRET}"))
    late = _fact("b", subject=f"customer:{SECRET}")
    error = _assert_raised(VersionConflict, lambda: installation.ledger.append(late, expected_version=7))
    assert "version 1" in str(error)
    assert "version 7" in str(error)


def test_a_statement_that_postgresql_refuses(installation: Installation) -> None:
    """The error names the SQLSTATE, and the session can be used again."""

    def refused() -> None:
        with translated(), installation.connect() as connection:
            connection.execute("SELECT 1 / 0")

    assert "22012" in _assert_raised(DatabaseFault, refused).what
