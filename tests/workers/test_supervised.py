"""A projection of one's own goes on through whatever is not its fault, and each event counts once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from eventsourcing.persistence import IntegrityError, OperationalError
from eventsourcing.utils import retry
from psycopg import sql

from adapters import workers
from adapters.bootstrap import create, opened
from adapters.keys.sealing import SealBroken
from adapters.postgres.connection import NoLedger
from adapters.settings import load_settings
from adapters.workers import ProjectionStopped
from domain.events.customer import CustomerEnrolled
from tests.controls import contest_entry, fact
from tests.serving import eventually
from tests.workers.conftest import append, end_sessions, positions
from tests.workers.seen_events import SeeEvents, SeenEvents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from eventsourcing.persistence import Tracking

    from adapters.bootstrap import Installation
    from domain.events import Event
    from tests.workers.conftest import Supervised

    Supervise = Callable[..., Supervised]


def test_sessions_that_are_ended(installation: Installation, supervise: Supervise) -> None:
    """Every session of the ledger is ended again and again, and the view has each event once, in order."""
    runner, ended = supervise(), 0
    runner.has_seen_up_to(append(installation))
    for _ in range(5):
        append(installation, 5)
        ended += end_sessions(installation)
        last = append(installation, 5)
    runner.has_seen_up_to(last)
    assert positions(runner.seen()) == list(range(1, last + 1))
    assert ended >= 10
    assert not runner.ended
    assert all(error.code == "interrupted" for error in runner.interruptions)


def test_wake_ups_that_are_never_sent(
    installation: Installation, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any NOTIFY an event is in the view soon after the next look, a second later at most."""
    monkeypatch.setattr(installation.ledger._wake_ups, "appended", lambda: None)
    runner = supervise()
    runner.has_seen_up_to(append(installation))
    assert max(runner.has_seen_up_to(append(installation)) for _ in range(3)) < 3
    assert not runner.interruptions


def test_a_commit_whose_answer_is_lost(
    installation: Installation, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The view commits and its connection ends before it hears so: tried again or not, the event counts once."""
    see = SeenEvents.see
    lost: list[int] = []

    def losing(view: SeenEvents, event: Event, tracking: Tracking) -> None:
        see(view, event, tracking)
        if tracking.notification_id not in lost:
            lost.append(tracking.notification_id)
            with view.datastore.get_connection() as connection:
                connection.execute("SET ROLE NONE")
                connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    last = append(installation)
    monkeypatch.setattr(SeenEvents, "see", losing)
    runner = supervise()
    runner.has_seen_up_to(last)
    monkeypatch.setattr(SeenEvents, "see", retry(OperationalError, max_attempts=3, wait=0.1)(losing))
    last = append(installation, 3)
    runner.has_seen_up_to(last)
    eventually(lambda: lost == list(range(1, last + 1)))
    assert positions(runner.seen()) == lost
    assert not runner.ended


def test_two_runners_of_one_projection(installation: Installation, supervise: Supervise) -> None:
    """Two of them count each event once, whoever is first."""
    runners = [supervise(), supervise()]
    last = append(installation, 20)
    for runner in runners:
        runner.has_seen_up_to(last)
    last = append(installation, 20)
    runners[0].has_seen_up_to(last)
    assert positions(runners[0].seen()) == list(range(1, last + 1))
    assert not runners[0].ended + runners[1].ended


def test_views_made_at_the_same_time(installation: Installation) -> None:
    """Several programs that find a view's tables missing at once all get the view."""
    with ThreadPoolExecutor(6) as pool:
        for _ in range(5):
            with installation.connect() as connection:
                connection.execute("DROP TABLE IF EXISTS seen_events, see_events_tracking")
            assert list(pool.map(_seen_by, [installation] * 6)) == [[]] * 6


def _seen_by(installation: Installation) -> list[tuple[int, str, str | None]]:
    with workers.view(installation, SeeEvents, SeenEvents) as view:
        return view.seen()


def test_an_event_that_the_projection_fails_on(
    installation: Installation, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stops there with the event's position, topic and source, and without its values; mended, it goes on."""

    def fail(event: Event) -> None:
        if event.topic == CustomerEnrolled.topic:
            message = "Ada Example at ada@example.com"
            raise RuntimeError(message)

    position = installation.ledger.append(contest_entry(0, fact_id="bad")).position
    with monkeypatch.context() as broken:
        broken.setattr(SeeEvents, "before", fail)
        runner = supervise()
        eventually(lambda: bool(runner.ended))
    (error,) = runner.ended
    assert isinstance(error, ProjectionStopped)
    assert error.what == f"The projection see_events stopped before position {position}: CustomerEnrolled.v1."
    assert "RuntimeError" in error.why
    assert "Ada" not in str(error)
    assert isinstance(error.__cause__, RuntimeError)
    assert not runner.interruptions
    mended = supervise()
    mended.has_seen_up_to(position)
    assert positions(mended.seen()) == list(range(1, position + 1))


def test_a_conflict_of_its_own_is_no_lost_answer(installation: Installation, supervise: Supervise) -> None:
    """A row that the view's own table refuses stops the projection, though the library calls both a conflict."""
    last = append(installation)
    supervise().has_seen_up_to(last)
    with installation.connect() as connection:
        connection.execute("CREATE UNIQUE INDEX one_of_each ON seen_events (topic) WHERE position > 1")
    append(installation)
    runner = supervise()
    eventually(lambda: bool(runner.ended))
    (error,) = runner.ended
    assert isinstance(error, ProjectionStopped)
    assert f"position {last + 1}: DataCollected.v1" in error.what
    assert isinstance(error.__cause__, IntegrityError)


def test_sealed_values(installation: Installation, supervise: Supervise) -> None:
    """A value is opened where the key is still there, and None for a person who was erased before it was read."""
    installation.ledger.append(contest_entry(0, subject="customer:1"))
    installation.ledger.append(contest_entry(0, subject="customer:2", fact_id="second"))
    erasure = fact("erasure", 1, {"reason": "asked for it"}, subject="customer:1")
    last = installation.ledger.append(erasure).position
    runner = supervise()
    runner.has_seen_up_to(last)
    assert [email for _, topic, email in runner.seen() if topic == "DataCollected.v1"] == [None, "ada@example.com"]


def test_a_seal_that_does_not_open(installation: Installation, supervise: Supervise) -> None:
    """An event that was changed behind the ledger's back stops it, and is named."""
    last = append(installation)
    with installation.database.connect_as_owner() as owner:
        owner.execute("SET search_path TO pledger")
        owner.execute("ALTER TABLE events DISABLE TRIGGER events_stay")
        owner.execute("UPDATE events SET actor = 'somebody else' WHERE position = %s", (last - 1,))
    runner = supervise()
    eventually(lambda: bool(runner.ended))
    (error,) = runner.ended
    assert isinstance(error, ProjectionStopped)
    assert f"position {last - 1}: DataCollected.v1" in error.what
    assert isinstance(error.__cause__, SealBroken)


def test_a_view_that_cannot_be_made(supervise: Supervise, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view whose table PostgreSQL refuses ends it at once, with an error that blames no event."""
    made = SeenEvents.__init__

    def wrong(view: SeenEvents, *arguments: object, **options: object) -> None:
        made(view, *arguments, **options)  # type: ignore[arg-type]  # What the library gives is passed on.
        view.sql_create_statements.append(sql.SQL("CREATE TABLE wrong (is nonsense)").format())

    monkeypatch.setattr(SeenEvents, "__init__", wrong)
    runner = supervise()
    eventually(lambda: bool(runner.ended))
    (error,) = runner.ended
    assert isinstance(error, ProjectionStopped)
    assert "cannot run" in error.what
    assert not runner.interruptions


def test_a_ledger_that_is_gone(installation: Installation, supervise: Supervise) -> None:
    """Where the tables are dropped, it ends with the error that says so, and does not try for ever."""
    runner = supervise()
    runner.has_seen_up_to(append(installation))
    with installation.database.connect_as_owner() as owner:
        owner.execute("DROP SCHEMA pledger CASCADE")
    eventually(lambda: bool(runner.ended))
    (error,) = runner.ended
    assert isinstance(error, NoLedger)


def test_it_stops_when_it_is_told_to(installation: Installation, supervise: Supervise) -> None:
    """At rest it stops within two seconds, and leaves no session behind."""
    runner = supervise()
    runner.has_seen_up_to(append(installation))
    before = _sessions(installation)
    began = time.monotonic()
    runner.close()
    assert time.monotonic() - began < 2
    assert not runner.ended
    eventually(lambda: _sessions(installation) <= before - 3)  # The view's, the application's, the subscription's.


def _sessions(installation: Installation) -> int:
    with installation.connect() as connection:
        ((sessions,),) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        ).fetchall()
    return int(sessions)


def test_a_ledger_with_a_reserved_name(database_url: str, tmp_path: Path, supervise: Supervise) -> None:
    """A view's tables are in the ledger's schema whatever its name is, and in no other."""
    settings = load_settings(home=tmp_path, database_url=database_url, ledger="order")
    create(settings)
    with opened(settings) as it:
        runner = supervise(it)
        runner.has_seen_up_to(append(it))
        runner.close()
        with it.connect() as connection:
            tables = connection.execute(
                "SELECT schemaname, tableowner FROM pg_tables WHERE tablename IN ('seen_events', 'see_events_tracking')"
            ).fetchall()
    assert tables == [("order", "order_writer")] * 2
