"""Real PostgreSQL servers for the tests: embedded, or in a container; and fresh databases in them. Never a fake."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.postgres.embedded.server import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator


MEMORY = Path("/dev/shm")  # noqa: S108 - a fresh folder is made in it
MEMORY_BYTES = 4 * 2**30
"""So much has to be free there for a server to be put into it."""


@contextmanager
def embedded(version: int) -> Iterator[str]:
    """Run the embedded PostgreSQL of a major version, 16 or 18; gives the address of a superuser in it.

    Its data is in memory where there is room, and it does not wait for the disk: nobody needs it after the tests, and
    what ends in them is a process, never the machine.
    """
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES
    # A short path: the address of a socket has room for about a hundred bytes.
    home = Path(tempfile.mkdtemp(prefix="pledger-", dir=MEMORY if in_memory else "/tmp"))  # noqa: S108 - as above
    try:
        with EmbeddedServer(home, cast("Literal[16, 18]", version)) as server:
            _make_hasty(server.url())
            yield server.url()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def container(version: int) -> Iterator[str]:
    """Run the image of a major version in a container; gives the address of a superuser in it.

    Raises docker's `DockerException` where no engine answers. What the image really holds is for the caller to ask.
    """
    # The block below stops the container; the library's own sweeper would be one more image to fetch.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 – read after the line above.

    with PostgresContainer(f"postgres:{version}", driver=None) as running:
        yield running.get_connection_url()


def _make_hasty(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def fresh_database(server: str, template: str = "template1") -> Iterator[str]:
    """Make a database in a server, empty or like another, and drop it in the end; gives the superuser's address of it.

    Nobody may be connected to the other one meanwhile.
    """
    name = f"test_{uuid4().hex}"
    made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
    yield make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def major(server: str) -> int:
    """Return the major version that a server says it has."""
    with psycopg.connect(server) as connection:
        return connection.info.server_version // 10_000
