"""Events go in by one way: a fact, decided by the core, in a batch that the appender inserts."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.postgres.event_store import LedgerFactory, NotDecided, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.bootstrap import Installation

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
