"""A real PostgreSQL for the tests, and a fresh database in it for each test that asks.

Embedded by default (`PLEDGER_TEST_POSTGRES` 18 or 16), in a container with `PLEDGER_TEST_DATABASE=docker` (version in
`PLEDGER_TEST_POSTGRES`, else 17), or the server that `PLEDGER_TEST_DATABASE_URL` names. Never a fake.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections import Counter
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel

from adapters.bootstrap import create, opened
from adapters.settings import load_settings
from domain.events import Event
from tests.databases import container, embedded, fresh_database
from tests.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adapters.bootstrap import Installation


gc.disable()  # Until the tests are collected: all that collecting makes stays.


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_this_machine() -> None:
    """Keep the developer's own settings out of the tests; only PLEDGER_TEST_… counts."""
    for name in list(os.environ):
        if name.startswith("PLEDGER_") and not name.startswith("PLEDGER_TEST_"):
            del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def _check_made_events() -> Iterator[None]:
    """Hold events that are made without a check, in any test, to those that pydantic makes of the same values.

    In each process these are the first events of a class and each tenth of the others; all, where laws are whole.
    """
    unchecked = Event.made.__func__  # type: ignore[attr-defined]
    seen: Counter[type[Event]] = Counter()

    def made(cls: type[Event], /, **fields: Any) -> Event:  # noqa: ANN401 - as `Event.made`
        event: Event = unchecked(cls, **fields)
        seen[cls] += 1
        if seen[cls] > CHECKED_FIRST and seen[cls] % CHECKED_EVERY:
            return event
        checked = cls(**fields)
        assert event == checked, f"{cls.__name__} is another one where its values are checked"
        assert are_alike(event, checked), f"{cls.__name__} has values that are not of its fields' types"
        assert event.model_fields_set == checked.model_fields_set
        return event

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Event, "made", classmethod(made))
        yield


TESTS: Final = Path(__file__).parent
CHECKED_FIRST: Final = 300
CHECKED_EVERY: Final = 1 if "PLEDGER_TEST_WHOLE_LAWS" in os.environ else 10
PLAIN: Final = frozenset({NoneType, bool, int, str, UUID, datetime})
"""The types that most values have; none of them holds another value."""


def are_alike(one: object, other: object) -> bool:
    """Return whether two equal values have the same type, and so have the values that they hold."""
    kind = type(one)
    if kind is not type(other):
        return False
    if kind in PLAIN:
        return True
    if isinstance(one, BaseModel):
        one, other = one.__dict__, cast("BaseModel", other).__dict__
    if isinstance(one, dict):
        others = cast("dict[object, object]", other)
        return one.keys() == others.keys() and all(are_alike(part, others[name]) for name, part in one.items())
    if isinstance(one, tuple):
        return all(map(are_alike, one, cast("tuple[object, ...]", other)))
    return True


def pytest_collection_finish() -> None:
    """Leave what stays to the end, modules and tests, out of the search for garbage, and search less often."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


LONGEST: Final = ("laws", "ledger", "http", "cli", "hardening", "embedded", "read_models", "webhooks", "outbox")
"""The folders that take longest, or have files that do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: a worker that gets one last works alone for half a minute."""
    place = {folder: number for number, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: min(place.get(part, len(place)) for part in item.path.relative_to(TESTS).parts))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run one server for the whole session, and give the address of a superuser in it."""
    version = os.environ.get("PLEDGER_TEST_POSTGRES")
    if given := os.environ.get("PLEDGER_TEST_DATABASE_URL"):
        yield given
    elif os.environ.get("PLEDGER_TEST_DATABASE") == "docker":
        with container(int(version or 17)) as server:
            yield server
    else:
        with embedded(int(version or 18)) as server:
            yield server


@pytest.fixture(scope="session")
def made_ledger(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Create a ledger under the first policy once, to be copied; gives its database's name and its home."""
    home = tmp_path_factory.mktemp("made") / "home"
    with fresh_database(postgres_server) as url:
        create(load_settings(home=home, database_url=url))
        yield str(conninfo_to_dict(url)["dbname"]), home


@pytest.fixture
def make_database(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Make as many fresh, empty databases as a test asks for, and drop them after it; gives superuser addresses."""
    with ExitStack() as databases:
        yield lambda: databases.enter_context(fresh_database(postgres_server))


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, make_database: Callable[[], str], postgres_server: str
) -> Iterator[str]:
    """Return the superuser address of a fresh database: with a ledger in a test that asks for one, else empty."""
    if not {"installation", "begun", "place"}.intersection(request.fixturenames):
        yield make_database()
        return
    template, _ = request.getfixturevalue("made_ledger")
    with fresh_database(postgres_server, template) as url:
        yield url


@pytest.fixture
def installation(made_ledger: tuple[str, Path], database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """Return a fresh ledger under the first policy in a database of its own, open; a copy, since that takes no time."""
    shutil.copytree(made_ledger[1], tmp_path / "home")
    with opened(load_settings(home=tmp_path / "home", database_url=database_url)) as it:
        yield it


@pytest.fixture
def place(made_ledger: tuple[str, Path], tmp_path: Path, database_url: str) -> Place:
    """Return a new ledger that other processes open."""
    shutil.copytree(made_ledger[1], tmp_path / "home")
    return Place(tmp_path / "home", database_url, has_ledger=True)
