"""The follower keeps read models up to date through lost connections, lost wake-ups, restarts and bad events."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.bootstrap import create, opened
from adapters.postgres.connection import ConnectionLost, Database, LoginRefused, NoLedger
from adapters.postgres.embedded.server import EmbeddedServer
from adapters.settings import load_settings
from adapters.workers import Follower
from projections import engine, people, subscription_history
from projections.checkpoints import PoisonEvent
from projections.projection import Projection
from tests.serving import eventually
from tests.workers.conftest import append, end_sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from adapters.bootstrap import Installation
    from adapters.workers import FollowerProgress
    from domain.errors import PledgerError

    Follow = Callable[..., "Following"]

# Fails on an enrollment: text that is no number.
FRAGILE = Projection(
    name="fragile",
    tables="CREATE TABLE IF NOT EXISTS {table} (position bigint NOT NULL, stream_id uuid NOT NULL, amount integer)",
    statement="""
INSERT INTO {table} (position, stream_id, amount)
SELECT position, stream_id, (data ->> 'program')::integer
FROM events
WHERE {window}
""",
)

SLOW = replace(FRAGILE, name="slow", statement="INSERT INTO {table} SELECT 1, gen_random_uuid(), 1 FROM pg_sleep(1)")


@dataclass
class Following:
    """A follower in a thread: what it told, and what it raised."""

    database: Database
    projections: Sequence[Projection]
    turns: list[FollowerProgress] = field(default_factory=list)
    ended: list[PledgerError] = field(default_factory=list)
    stop: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        """Start it."""
        self._thread = Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            Follower(self.database, self.projections).run(self.stop, self.turns.append)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.ended.append(error)  # type: ignore[arg-type]  # The test finds out which it is.

    def interruptions(self) -> list[str]:
        """Return what interrupted it."""
        return [turn.interrupted.code for turn in list(self.turns) if turn.interrupted]

    def close(self) -> None:
        """Stop it, and wait for it."""
        self.stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def follow(installation: Installation) -> Iterator[Follow]:
    """Start as many followers as a test asks for."""
    started: list[Following] = []

    def start(
        database: Database = installation.database, projections: Sequence[Projection] = engine.PROJECTIONS
    ) -> Following:
        started.append(Following(database, projections))
        return started[-1]

    yield start
    for one in started:
        one.close()


def reaches(installation: Installation, position: int, projections: Sequence[Projection] = engine.PROJECTIONS) -> float:
    """Wait until every read model has passed a position; give how many seconds that took."""
    with installation.connect() as connection:
        return eventually(lambda: min(engine.positions(connection, projections).values()) >= position)


def _has_each_event_once(installation: Installation, persons: int) -> bool:
    with installation.connect() as connection:
        (counted,) = connection.execute("SELECT count(*), count(DISTINCT position) FROM subscriptions").fetchall()
    return bool(counted == (persons, persons))


def test_it_catches_up_and_keeps_up(installation: Installation, follow: Follow) -> None:
    """What was there before and what comes is read, and each turn tells how the read models stand."""
    append(installation, 3)
    following = follow()
    reaches(installation, append(installation))
    # The quickest of some tries: only a wake-up can make it quicker than the next look, and the machine may be busy.
    assert min(reaches(installation, append(installation)) for _ in range(3)) < 0.5
    last = append(installation)
    reaches(installation, last)
    eventually(lambda: all(one.position == last for one in following.turns[-1].standing))
    assert [one.projection for one in following.turns[-1].standing] == [one.name for one in engine.PROJECTIONS]
    assert _has_each_event_once(installation, 8)


def test_followed_sessions_that_are_ended(installation: Installation, follow: Follow) -> None:
    """Every session is ended again and again; it says so, goes on, and each event counts once."""
    following = follow()
    reaches(installation, append(installation))
    for _ in range(5):
        append(installation, 4)
        end_sessions(installation)
        last = append(installation, 4)
    reaches(installation, last)
    assert _has_each_event_once(installation, 41)
    eventually(lambda: bool(following.turns[-1].standing))
    assert set(following.interruptions()) == {"interrupted"}


def test_followed_without_wake_ups(installation: Installation, follow: Follow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any NOTIFY it looks every second."""
    monkeypatch.setattr(installation.ledger._wake_ups, "appended", lambda: None)
    following = follow()
    for _ in range(3):
        assert reaches(installation, append(installation)) < 3
    assert not following.interruptions()


def test_one_that_fails_holds_up_no_other(installation: Installation, follow: Follow) -> None:
    """The others reach the end, turn after turn, while the failing one is told with the event that it fails on."""
    following = follow(projections=(people.PROJECTION, FRAGILE, subscription_history.PROJECTION))
    poison = append(installation)
    for _ in range(2):
        reaches(installation, append(installation), [people.PROJECTION, subscription_history.PROJECTION])
    eventually(lambda: following.turns[-1].standing[2].behind == 0)
    obstacles = {one.projection: one.obstacle for one in following.turns[-1].standing if one.obstacle}
    assert list(obstacles) == ["fragile"]
    assert isinstance(obstacles["fragile"], PoisonEvent)
    assert f"position {poison}: CustomerEnrolled.v1" in obstacles["fragile"].what
    assert following.turns[-1].standing[1].behind > 0
    assert not following.interruptions()


def test_one_that_is_overdue_holds_up_no_other(installation: Installation, follow: Follow) -> None:
    """A statement that takes longer than the database allows is tried again and again, and the others go on."""
    with installation.database.connect_as_owner() as owner:
        name = sql.Identifier(owner.info.dbname)
        owner.execute(sql.SQL("ALTER DATABASE {} SET statement_timeout = '200ms'").format(name))
    following = follow(projections=(SLOW, subscription_history.PROJECTION))
    for _ in range(2):
        reaches(installation, append(installation), [subscription_history.PROJECTION])
    eventually(lambda: len(following.turns) > 1)
    assert {turn.interrupted.why for turn in following.turns if turn.interrupted} == {
        "PostgreSQL interrupted it (SQLSTATE 57014)."
    }


def test_two_followers(installation: Installation, follow: Follow) -> None:
    """Two of them on one ledger count each event once."""
    follow()
    follow()
    reaches(installation, append(installation, 20))
    assert _has_each_event_once(installation, 20)


def test_a_follower_stops_when_it_is_told_to(installation: Installation, follow: Follow) -> None:
    """It stops within a few seconds, at rest and while the server is away, though the pauses get longer then."""
    following = follow()
    reaches(installation, append(installation))
    began = time.monotonic()
    following.close()
    assert time.monotonic() - began < 4
    away = follow(Database("postgresql://localhost:1/nowhere", "pledger"))
    eventually(lambda: len(away.turns) > 5)
    began = time.monotonic()
    away.close()
    assert time.monotonic() - began < 4
    assert not away.ended
    assert {turn.interrupted.why for turn in away.turns if turn.interrupted} == {
        "no PostgreSQL answers at localhost/nowhere."
    }


def test_what_will_not_pass_is_raised(installation: Installation, follow: Follow) -> None:
    """A ledger that is not there, or a user who is not let in, ends it at once with the error that says so."""
    nowhere = follow(Database(installation.database.url, "elsewhere"))
    stranger = follow(Database(make_conninfo(installation.database.url, user="nobody_at_all"), "pledger"))
    eventually(lambda: bool(nowhere.ended and stranger.ended))
    assert [type(one.ended[0]) for one in (nowhere, stranger)] == [NoLedger, LoginRefused]
    assert not nowhere.turns + stranger.turns


def test_a_ledger_dropped_while_it_is_followed(installation: Installation, follow: Follow) -> None:
    """A schema that goes away under it ends it, too, and not as a lost connection."""
    following = follow()
    reaches(installation, append(installation))
    with installation.database.connect_as_owner() as owner:
        owner.execute("DROP SCHEMA pledger CASCADE")
    eventually(lambda: bool(following.ended))
    assert isinstance(following.ended[0], NoLedger)
    assert not isinstance(following.ended[0], ConnectionLost)


@pytest.mark.slow
def test_followed_through_a_restart(tmp_path: Path, follow: Follow) -> None:
    """A server that is away for two seconds is waited for, and each event counts once."""
    home = Path(tempfile.mkdtemp(prefix="pledger-feed-", dir="/tmp"))
    server = EmbeddedServer(home)
    try:
        server.__enter__()
        settings = load_settings(home=tmp_path, database_url=server.url())
        create(settings)
        with opened(settings) as it:
            following = follow(it.database)
            reaches(it, append(it, 5))
            server.__exit__(None, None, None)
            time.sleep(2)
            server.__enter__()
            assert reaches(it, append(it, 5)) < 10
            assert _has_each_event_once(it, 10)
            assert following.interruptions()
            following.close()
            assert not following.ended
    finally:
        server.__exit__(None, None, None)
        shutil.rmtree(home, ignore_errors=True)
