"""The library's own test cases, on PostgreSQL 18 and 16, and in containers on 15 and 17.

They are those of `eventsourcing.tests` for recorders of events and of tracking, subscriptions, views and projections.
Left out: the cases of process recorders, since a ledger's events are decided and not written by a projection; and those
of mappers, transcoders, ciphers and factories, since ours are others or none.

A container is tried where PLEDGER_TEST_DATABASE is `docker`. What an image holds is asked, and one that holds another
version than its name says is skipped: a label proves nothing.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from docker.errors import DockerException  # type: ignore[import-not-found]  # Our folder of this name hides it from mypy.
from eventsourcing.utils import Environment

from adapters.bootstrap import create
from adapters.postgres.connection import Database
from adapters.postgres.event_store import LedgerRecorder, environment
from adapters.settings import load_settings
from tests.databases import container, embedded, fresh_database, major
from tests.postgres.library_cases import EventCounters, StateFactory, WithoutPositions, cases, projection_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from unittest import TestCase

    ServerOf = Callable[[str, int], str]

SERVERS = [
    pytest.param(("embedded", 18), id="embedded-18"),
    pytest.param(("embedded", 16), id="embedded-16"),
    pytest.param(("container", 15), id="container-15", marks=pytest.mark.docker),
    pytest.param(("container", 17), id="container-17", marks=pytest.mark.docker),
]
SETTINGS = {
    "PERSISTENCE_MODULE": f"{StateFactory.__module__}:{StateFactory.__name__}",
    "POSTGRES_MAX_OVERFLOW": "14",  # The cases have up to a dozen threads at once.
}


@dataclass(frozen=True)
class Case:
    """A test of the library's: its class, its name there, and from what its recorder is made."""

    of: Any
    name: str
    made: Callable[[LedgerRecorder, StateFactory], Any]

    def __str__(self) -> str:
        return f"{self.of.__name__}.{self.name}"


def _recorder(recorder: LedgerRecorder, _: StateFactory) -> LedgerRecorder:
    return recorder


def _aggregates(recorder: LedgerRecorder, _: StateFactory) -> WithoutPositions:
    """Return our recorder without the positions that `insert_events` gives: of an aggregate one, None is expected."""
    return WithoutPositions(recorder)


def _tracking(_: LedgerRecorder, factory: StateFactory) -> Any:  # noqa: ANN401 - the library's
    return factory.tracking_recorder()


CASES = [
    *(
        Case(cases.ApplicationRecorderTestCase, name, _recorder)
        for name in (
            "test_insert_select",
            "test_concurrent_no_conflicts",
            "test_concurrent_throughput",
            "test_performance",
            "optional_test_insert_subscribe",
        )
    ),
    Case(cases.NonInterleavingNotificationIDsBaseCase, "test", _recorder),
    Case(cases.AggregateRecorderTestCase, "test_insert_and_select", _aggregates),
    Case(cases.AggregateRecorderTestCase, "test_performance", _aggregates),
    Case(cases.TrackingRecorderTestCase, "test_insert_tracking", _tracking),
    Case(cases.TrackingRecorderTestCase, "test_wait", _tracking),
]
PROJECTION_CASES = ["test_event_counters_projection", "test_run_forever_raises_projection_error"]


@pytest.fixture(scope="module")
def server_of(request: pytest.FixtureRequest) -> Iterator[ServerOf]:
    """Start servers as they are asked for, and stop them in the end; the session's own is used where it is that one."""
    started: dict[tuple[str, int], str] = {}
    with ExitStack() as stack:

        def start(kind: str, version: int) -> str:
            if (kind, version) == _of_the_session():
                return str(request.getfixturevalue("postgres_server"))
            if (kind, version) not in started:
                run = embedded if kind == "embedded" else container
                started[kind, version] = stack.enter_context(run(version))
            return started[kind, version]

        yield start


def _of_the_session() -> tuple[str, int] | None:
    if os.environ.get("PLEDGER_TEST_DATABASE_URL"):
        return None
    kind, usual = ("container", 17) if os.environ.get("PLEDGER_TEST_DATABASE") == "docker" else ("embedded", 18)
    return kind, int(os.environ.get("PLEDGER_TEST_POSTGRES") or usual)


@pytest.fixture(scope="module", params=SERVERS)
def ledger(
    request: pytest.FixtureRequest, server_of: ServerOf, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Create a ledger on each of the servers."""
    kind, version = request.param
    if kind == "container" and os.environ.get("PLEDGER_TEST_DATABASE") != "docker":
        pytest.skip(f"PLEDGER_TEST_DATABASE is not docker, so PostgreSQL {version} was not tried")
    try:
        server = server_of(kind, version)
    except DockerException:
        pytest.skip(f"no Docker engine answers, so PostgreSQL {version} was not tried")
    if kind == "container" and major(server) != version:
        pytest.skip(f"the image postgres:{version} holds PostgreSQL {major(server)}, so {version} was not tried")
    assert major(server) == version
    with fresh_database(server) as url:
        create(load_settings(home=tmp_path_factory.mktemp("home"), database_url=url))
        yield Database(url, "pledger")


@pytest.fixture
def settings(ledger: Database) -> dict[str, str]:
    """Empty the log, to which creating a ledger appended an event, and drop views; gives the library's environment."""
    with ledger.connect_as_owner() as owner:
        owner.execute("SET search_path TO pledger")
        owner.execute("ALTER TABLE events DISABLE TRIGGER events_stay")
        owner.execute("DELETE FROM events")
        owner.execute("UPDATE head SET size = 0")
        owner.execute("ALTER TABLE events ENABLE ALWAYS TRIGGER events_stay")
        owner.execute("DROP TABLE IF EXISTS notification_tracking, eventcounters_tracking, event_counters")
    return {**environment(ledger), **SETTINGS}


def _run(case: TestCase) -> None:
    """Run one of the library's tests here; what it finds wrong is raised."""
    case.debug()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_recorder(case: Case, settings: dict[str, str]) -> None:
    """The library's expectations of a recorder hold, those of its subscriptions too."""
    with StateFactory(settings) as events, StateFactory(settings) as tracking:
        recorder = events.application_recorder()
        assert isinstance(recorder, LedgerRecorder)
        made = case.made(recorder, tracking)
        _run(type(case.of.__name__, (case.of,), {"create_recorder": lambda _: made})(case.name))


def test_view(settings: dict[str, str]) -> None:
    """A view in the ledger's schema counts and tracks in one transaction, as the library expects of one."""
    with StateFactory(Environment("eventcounters", settings)) as factory:
        view = factory.tracking_recorder(EventCounters)
        of = projection_cases.EventCountersViewTestCase
        _run(type(of.__name__, (of,), {"construct_event_counters_view": lambda _: view})("test"))


@pytest.mark.parametrize("name", PROJECTION_CASES)
def test_projection(name: str, settings: dict[str, str]) -> None:
    """The library's runner counts what its application saves, over our feed and view, and raises what goes wrong."""
    of = projection_cases.AggregateEventCountersProjectionTestCase
    _run(type(of.__name__, (of,), {"view_class": EventCounters, "env": settings})(name))
