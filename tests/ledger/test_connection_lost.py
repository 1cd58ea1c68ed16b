"""A connection lost at the worst moments: what happened is asked for, not guessed; nothing is lost or stored twice."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from select import select
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from adapters.bootstrap import Installation, create, opened
from adapters.ledger import Receipt, insertion
from adapters.ledger.batch import Batch
from adapters.postgres.connection import ConnectionLost
from adapters.postgres.embedded.server import EmbeddedServer
from adapters.settings import load_settings
from tests.reading import application, opened_log, places_of
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.ledger.conftest import Say


class Cut(Enum):
    """When the wire is cut, seen from the message that commits."""

    BEFORE = "the server never hears of it"
    AFTER = "the server commits, and its answer is lost"
    DURING = "the server hears of it, and nobody waits for it"


class Wire:
    """A wire to a PostgreSQL that can be cut at the message that commits: COMMIT, or a whole small batch."""

    def __init__(self, url: str) -> None:
        parts = conninfo_to_dict(url)
        self._host, self._port = str(parts.get("host", "localhost")), int(parts.get("port") or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = make_conninfo(
            url, host="127.0.0.1", port=self._listener.getsockname()[1], sslmode="disable", gssencmode="disable"
        )
        self.cuts: list[Cut] = []
        self.done: list[Cut] = []
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._carry, args=(client,), daemon=True).start()

    def _reach(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server

    def _carry(self, client: socket.socket) -> None:
        with client, suppress(OSError), self._reach() as server:
            while True:
                readable, _, _ = select([client, server], [], [])
                for end in readable:
                    data = end.recv(1 << 20)
                    if not data:
                        return
                    if end is server:
                        client.sendall(data)
                    elif self.cuts and (b"COMMIT" in data or b'"facts"' in data):
                        self._cut(server, data)
                        return
                    else:
                        server.sendall(data)

    def _cut(self, server: socket.socket, data: bytes) -> None:
        cut = self.cuts.pop(0)
        self.done.append(cut)
        if cut is not Cut.BEFORE:
            server.sendall(data)
        if cut is Cut.AFTER:
            server.recv(1)


@pytest.fixture
def wire(database_url: str) -> Iterator[Wire]:
    """Lay a wire to the test's server."""
    it = Wire(database_url)
    yield it
    it.close()


@pytest.fixture
def over_the_wire(installation: Installation, wire: Wire) -> Iterator[Installation]:
    """Open the ledger over the wire."""
    with opened(load_settings(home=installation.settings.home, database_url=wire.url)) as it:
        yield it


def _is_stored_once(it: Installation, names: list[str]) -> None:
    facts = places_of(it, names)
    with it.connect() as connection:
        positions = connection.execute("SELECT array_agg(position ORDER BY position) FROM events").fetchone()
        size = connection.execute("SELECT size FROM head").fetchone()
    assert len(facts) == len(names)
    assert Counter(event.fact_id for event in opened_log(it) if event.source == "/shop") == {
        name: place.events for name, place in facts.items()
    }
    assert positions is not None
    assert size is not None
    assert positions[0] == list(range(1, size[0] + 1))


@pytest.mark.parametrize("cut", list(Cut))
@pytest.mark.parametrize("count", [1, 250])
def test_a_wire_cut_at_the_commit(  # noqa: PLR0913, PLR0917 - two of them are parameters of the test
    over_the_wire: Installation, wire: Wire, say: Say, monkeypatch: pytest.MonkeyPatch, cut: Cut, count: int
) -> None:
    """Whether or not the commit went through, every fact is in once, and its sender has a receipt that is true."""
    over_the_wire.ledger.append(say.opt_out("first"))
    names = [f"f{n}" for n in range(count)]
    if count == 1:
        wire.cuts.append(cut)
    else:
        # A large batch is sent in one message and committed in a later one, so the wire is cut at that one only.
        commit = over_the_wire.ledger._appender.connection.execute

        def commit_on_a_cut_wire(query: bytes, *arguments: object, **options: object) -> object:
            if query == b"COMMIT" and not wire.done:
                wire.cuts.append(cut)
            return commit(query, *arguments, **options)  # type: ignore[call-overload]

        monkeypatch.setattr(over_the_wire.ledger._appender.connection, "execute", commit_on_a_cut_wire)
    answers = over_the_wire.ledger.append_many([say.collection(name, subject=f"customer:{name}") for name in names])
    assert wire.done == [cut]
    _is_stored_once(over_the_wire, ["first", *names])
    positions = {event.fact_id: event.position for event in opened_log(over_the_wire)}
    for name, answer in zip(names, answers, strict=True):
        assert isinstance(answer, Receipt)
        assert answer.position == positions[name]
        # Stored by the attempt that was cut off, it had been there before, as far as the second attempt can tell.
        assert cut is Cut.DURING or answer.repeated is (cut is Cut.AFTER)
    # And it goes on as if nothing had been.
    assert not over_the_wire.ledger.append(say.opt_out("last")).repeated


def test_a_wire_cut_again_and_again(
    installation: Installation, over_the_wire: Installation, wire: Wire, say: Say
) -> None:
    """After three attempts the senders get a lost connection as error; sending again finds what was stored."""
    facts = [say.opt_out(f"f{n}", subject=f"customer:{n}") for n in range(5)]
    wire.cuts += [Cut.BEFORE, Cut.BEFORE, Cut.AFTER]
    answers = over_the_wire.ledger.append_many(facts)
    assert all(isinstance(answer, ConnectionLost) for answer in answers)
    again = over_the_wire.ledger.append_many(facts)
    assert all(isinstance(answer, Receipt) and answer.repeated for answer in again)
    _is_stored_once(installation, [fact.id for fact in facts])


def test_many_threads_on_a_wire_that_breaks(
    installation: Installation, over_the_wire: Installation, wire: Wire, say: Say
) -> None:
    """Threads that append while the wire is cut in every way lose nothing and store nothing twice."""

    def work(number: int) -> list[str]:
        names = [f"t{number}-{n}" for n in range(10)]
        for name in names:
            # One after the other: what threads hand in together is one batch, which gives up after three cuts.
            if name in {"t0-1", "t2-4", "t4-7"}:
                wire.cuts.append(list(Cut)[number % 3])
            over_the_wire.ledger.append(say.collection(name, subject=f"customer:{number % 3}"))
        return names

    with ThreadPoolExecutor(6) as pool:
        names = [name for names in pool.map(work, range(6)) for name in names]
    assert len(wire.done) >= 3
    _is_stored_once(installation, names)


def _end_sessions(it: Installation) -> None:
    """Let PostgreSQL end every session of this database but the one that asks."""
    with psycopg.connect(it.database.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def _ended_at(it: Installation, owner: object, method: str) -> Iterator[list[str]]:
    """End all sessions the first time that `method` is about to be called."""
    original: Callable[..., object] = getattr(owner, method)
    ended: list[str] = []

    def end_first(*arguments: object, **options: object) -> object:
        if not ended:
            ended.append(method)
            _end_sessions(it)
        return original(*arguments, **options)

    setattr(owner, method, end_first)
    try:
        yield ended
    finally:
        setattr(owner, method, original)


@pytest.mark.parametrize("count", [1, 150])
@pytest.mark.parametrize(
    ("part", "method"),
    [("", "_plan"), ("batch", "add"), ("", "_insert"), ("records", "fetch"), ("insertion", "copy_rows")],
)
def test_a_session_ended_by_the_server(
    installation: Installation, say: Say, part: str, method: str, count: int
) -> None:
    """Wherever in an append the server ends the session, the append succeeds all the same, once."""
    if method == "copy_rows" and count == 1:
        return  # A small batch is not copied.
    appender = installation.ledger._appender
    owner: object = {"": appender, "batch": Batch, "records": appender.records, "insertion": insertion}[part]
    names = [f"f{n}" for n in range(count)]
    with _ended_at(installation, owner, method) as ended:
        answers = installation.ledger.append_many([say.collection(name) for name in names])
    assert ended
    assert all(isinstance(answer, Receipt) and not answer.repeated for answer in answers)
    _is_stored_once(installation, names)


def test_asking_and_reading_after_sessions_were_ended(installation: Installation, say: Say) -> None:
    """`ask` connects anew by itself, as the library's reading side does."""
    with application(installation) as it:
        installation.ledger.append(say.collection("a"))
        _end_sessions(installation)
        assert installation.ledger.ask(say.message("m")).allowed
        _end_sessions(installation)
        assert it.recorder.max_notification_id() == 3


@pytest.mark.parametrize("is_crash", [False, True])
@pytest.mark.slow
def test_a_server_that_restarts(tmp_path: Path, say: Say, *, is_crash: bool) -> None:
    """Appends that come while the server is down wait for it, and what was acknowledged before a crash is there."""
    home = Path(f"/tmp/pledger-restart-{os.getpid()}-{int(is_crash)}")  # noqa: S108 - a socket's path must be short
    server = EmbeddedServer(home)
    try:
        server.__enter__()
        settings = load_settings(home=tmp_path, database_url=server.url())
        create(settings)
        with opened(settings) as it, ThreadPoolExecutor(4) as pool:
            names = [f"f{n}" for n in range(8)]
            for name in names[:4]:
                it.ledger.append(say.opt_out(name))
            if is_crash:
                os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
            else:
                server.__exit__(None, None, None)
            waiting = [pool.submit(it.ledger.append, say.opt_out(name)) for name in names[4:]]
            sleep(0.3)
            # A server that crashes may have committed what it could not acknowledge any more.
            assert is_crash or not any(future.done() for future in waiting)
            if is_crash:
                server.__exit__(None, None, None)
            server.__enter__()
            answers = [future.result(timeout=PATIENCE) for future in waiting]  # All of them, before anybody looks.
            assert is_crash or not any(answer.repeated for answer in answers)
            _is_stored_once(it, names)
    finally:
        server.__exit__(None, None, None)
        _remove(home)


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.rmdir()


def test_a_server_that_stays_away(installation: Installation, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """Appends meanwhile fail with an error that says that sending again is safe; later they work."""
    monkeypatch.setattr("adapters.ledger.appender._RECONNECT_SECONDS", 0.2)
    appender = installation.ledger._appender
    with monkeypatch.context() as away:
        away.setattr(appender, "database", type(appender.database)("postgresql://localhost:1/x", "pledger"))
        _end_sessions(installation)
        with pytest.raises(ConnectionLost, match="nothing is stored twice"):
            installation.ledger.append(say.opt_out("a"))
        with pytest.raises(ConnectionLost):
            installation.ledger.ask(say.message("m"))
    assert not installation.ledger.append(say.opt_out("a")).repeated


def test_a_program_that_freezes_in_a_transaction_is_ended(installation: Installation) -> None:
    """The session that appends may not idle in a transaction for ever, since it would hold the head row."""
    (limit,) = installation.ledger._appender.connection.execute(
        "SELECT current_setting('idle_in_transaction_session_timeout')"
    ).fetchone() or ("",)
    assert limit == "30s"
