"""Events go in by one way: a fact, decided by the core, in a batch that the appender inserts."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import AggregateRecorder, StoredEvent
from eventsourcing.postgres import (
    PostgresAggregateRecorder,
    PostgresApplicationRecorder,
    PostgresProcessRecorder,
    PostgresTrackingRecorder,
)
from eventsourcing.utils import get_topic

from adapters.postgres.event_store import LedgerFactory, NotDecided, environment
from tests.reading import application, events_of, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.bootstrap import Installation
    from domain.events import Event

ROOT: Final = Path(__file__).resolve().parents[1]
STORES: Final = re.compile(r"append_batch|copy_(events|rows|bytes)|INSERT INTO (%s\.)?events\b|COPY (%s\.)?events\b")
"""What stores events, by whatever name it is called."""
THE_WAY: Final = {
    "adapters/ledger/insertion.py",  # Calls append_batch, and copies the events of a large batch.
    "adapters/postgres/copy_format.py",  # Writes the rows for COPY as bytes.
    "adapters/postgres/queries/append_batch.sql",
    "adapters/postgres/queries/copy_events.sql",
    "adapters/postgres/schema/functions/append_batch.sql",
}
TAKES_EVENTS: Final = {"save", "put", "record", "insert_events", "append_events", "insert"}


def test_nothing_else_names_what_stores_events() -> None:
    """Of all product files, only those of the one way name a statement or function that stores events."""
    files = (path for folder in ("domain", "projections", "adapters") for path in (ROOT / folder).rglob("*"))
    code = [path for path in files if path.suffix in {".py", ".sql"} and "migrations" not in path.parts]
    found = {str(path.relative_to(ROOT)) for path in code if STORES.search(path.read_text(encoding="utf-8"))}
    assert found == THE_WAY


def test_only_the_appender_inserts_and_only_a_batch_of_the_core_is_inserted() -> None:
    """`insertion.insert` has one caller, and the rows of a batch come from `domain.ledger.handle` alone."""
    code = {path: path.read_text(encoding="utf-8") for path in (ROOT / "adapters").rglob("*.py")}
    callers = {path.name for path, text in code.items() if "adapters.ledger.insertion import" in text}
    assert callers == {"appender.py"}
    sealers = {path.name for path, text in code.items() if re.search(r"postgres\.mapper import .*\bto_row\b", text)}
    assert sealers == {"batch.py"}
    assert (ROOT / "adapters/ledger/batch.py").read_text(encoding="utf-8").count("ledger.handle(") == 1


def test_no_public_object_of_a_ledger_takes_events(installation: Installation) -> None:
    """Whatever can be reached from an installation by public names offers no method that stores events."""
    found = {
        f"{type(one).__qualname__}.{name}"
        for one in reached(installation)
        for name, _ in inspect.getmembers(type(one), callable)
        if name in TAKES_EVENTS
    }
    assert found == set()


def test_the_library_interface_refuses(installation: Installation) -> None:
    """The recorder that the library's classes work with stores nothing, and says what to do instead."""
    recorder = LedgerFactory(environment(installation.database)).application_recorder()
    event = StoredEvent(installation.identity.company_stream, 2, "PolicyPublished.v1", b"{}")
    with pytest.raises(NotDecided, match="were not decided"):
        recorder.insert_events([event])


def test_neither_the_library_s_application_nor_its_factory_stores_events(installation: Installation) -> None:
    """No recorder that a factory gives, under any name, stores an event, and no table for events is made."""
    before = _tables(installation)
    topics = {f"{kind}_RECORDER_TOPIC": get_topic(LIBRARY_S[kind]) for kind in LIBRARY_S}
    for named in ({}, topics):
        factory = LedgerFactory({**environment(installation.database), **named})
        makers = [name for name, _ in inspect.getmembers(factory, callable) if name.endswith("_recorder")]
        assert {"aggregate_recorder", "application_recorder", "process_recorder", "tracking_recorder"} <= {*makers}
        for name in makers:
            with suppress(NotDecided):
                _takes_nothing(getattr(factory, name)(), installation)
        for view in (PostgresProcessRecorder, EventsBeside):
            with pytest.raises(NotDecided):
                factory.tracking_recorder(view)
        with pytest.raises(NotDecided):
            factory.aggregate_recorder("snapshots")
        factory.close()
    with application(installation) as it:
        _takes_nothing(it.recorder, installation)
        _takes_nothing(it.factory.application_recorder(), installation)
        with pytest.raises(NotDecided):
            it.save(Order())
        for store in (it.events, it.repository.event_store):
            with pytest.raises(NotDecided):
                store.put([_event(installation)])
    assert _tables(installation) == before | {"notification_tracking"}, "where a view that stores no events stands"


class Order(Aggregate):
    """An aggregate of the library's own, with events that nobody decided."""


class EventsBeside(PostgresTrackingRecorder, PostgresAggregateRecorder):
    """A view that would keep events too."""


LIBRARY_S: Final[dict[str, type]] = {
    "AGGREGATE": PostgresAggregateRecorder,
    "APPLICATION": PostgresApplicationRecorder,
    "PROCESS": PostgresProcessRecorder,
}


def _takes_nothing(recorder: object, installation: Installation) -> None:
    """Assert that a recorder has no way to store events, or that it refuses."""
    if isinstance(recorder, AggregateRecorder):
        stored = StoredEvent(installation.identity.company_stream, 2, "PolicyPublished.v1", b"{}")
        with pytest.raises(NotDecided):
            recorder.insert_events([stored])


def _event(installation: Installation) -> Event:
    stream = installation.identity.company_stream
    return events_of(installation, stream)[0].model_copy(update={"originator_version": 9})


def _tables(installation: Installation) -> set[str]:
    """Return the tables of the database outside PostgreSQL's own schemas, and the size of the log."""
    listed = """SELECT table_name FROM information_schema.tables
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"""
    with installation.connect() as connection:
        return {name for (name,) in connection.execute(listed)} | {str(size_of(installation))}


def reached(start: object, depth: int = 4) -> Iterator[object]:
    """Yield an object of ours, and those of ours that its public attributes lead to."""
    seen: set[int] = set()
    left = [(start, depth)]
    while left:
        one, steps = left.pop()
        if id(one) in seen or not type(one).__module__.startswith(("adapters", "domain", "projections")):
            continue
        seen.add(id(one))
        yield one
        names = [name for name in dir(one) if not name.startswith("_")] if steps else []
        left += [(getattr(one, name), steps - 1) for name in names if not callable(getattr(type(one), name, None))]
