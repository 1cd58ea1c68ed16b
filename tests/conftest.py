"""A real PostgreSQL for the tests, and a fresh database in it for each test that asks.

Embedded by default (`PLEDGER_TEST_POSTGRES` 18 or 16), in a container with `PLEDGER_TEST_DATABASE=docker` (version in
`PLEDGER_TEST_POSTGRES`, else 17), or the server that `PLEDGER_TEST_DATABASE_URL` names. Never a fake.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.bootstrap import create, opened
from adapters.embedded.server import EmbeddedServer
from adapters.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adapters.bootstrap import Installation


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_this_machine() -> None:
    """Keep the settings of whoever runs the tests out of them; only PLEDGER_TEST_… counts."""
    for name in list(os.environ):
        if name.startswith("PLEDGER_") and not name.startswith("PLEDGER_TEST_"):
            del os.environ[name]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run one server for the whole session, and give the address of a superuser in it."""
    version = os.environ.get("PLEDGER_TEST_POSTGRES")
    if given := os.environ.get("PLEDGER_TEST_DATABASE_URL"):
        yield given
    elif os.environ.get("PLEDGER_TEST_DATABASE") == "docker":
        # The block below stops the container; the library's own sweeper would be one more image to fetch.
        os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 – read after the line above.

        with PostgresContainer(f"postgres:{version or 17}", driver=None) as container:
            yield container.get_connection_url()
    else:
        # A short path: the address of a socket has room for about a hundred bytes.
        home = Path(tempfile.mkdtemp(prefix="pledger-", dir="/tmp"))
        try:
            with EmbeddedServer(home, cast("Literal[16, 18]", int(version or 18))) as server:
                yield server.url()
        finally:
            shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def make_database(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Make as many fresh, empty databases as a test asks for, and drop them after it; gives superuser addresses."""
    names: list[str] = []

    def make() -> str:
        name = f"test_{uuid4().hex}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        names.append(name)
        return make_conninfo(postgres_server, dbname=name)

    yield make
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database_url(make_database: Callable[[], str]) -> str:
    """Give the superuser address of a fresh, empty database."""
    return make_database()


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """Create a fresh ledger under the first policy in a fresh database, and open it."""
    settings = load_settings(home=tmp_path / "home", database_url=database_url)
    create(settings)
    with opened(settings) as it:
        yield it
