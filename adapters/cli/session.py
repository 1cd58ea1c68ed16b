"""Opening the ledger for a command."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapters import bootstrap
from adapters.postgres.connection import translated
from adapters.queries.read_point import ReadPoint, bring_up_to_date
from adapters.settings import load_settings
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.bootstrap import Installation, OpenedLedger
    from projections.projection import Connection


@contextmanager
def open_ledger() -> Iterator[tuple[Installation, Connection]]:
    """Open the ledger that the settings name, and a connection to it."""
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        yield installation, connection


@contextmanager
def open_to_read() -> Iterator[tuple[OpenedLedger, Connection]]:
    """Open the ledger for a question that its key file is not needed for, and a connection to it."""
    with bootstrap.opened_to_read(load_settings()) as ledger, ledger.connect() as connection, translated():
        yield ledger, connection


@contextmanager
def open_read_models(
    as_of: str | None = None, at_least: int = 0
) -> Iterator[tuple[Installation, Connection, ReadPoint]]:
    """Open the ledger, bring its read models up to date, and yield the point to read at as well."""
    moment = parse_as_of(as_of)
    with open_ledger() as (installation, connection):
        position = bring_up_to_date(connection)
        yield installation, connection, ReadPoint(as_of, moment, max(at_least, position))


@contextmanager
def open_coded_read_models(
    as_of: str | None = None, at_least: int = 0
) -> Iterator[tuple[OpenedLedger, Connection, ReadPoint]]:
    """Do the same for a question that the key file is not needed for."""
    moment = parse_as_of(as_of)
    with open_to_read() as (ledger, connection):
        position = bring_up_to_date(connection)
        yield ledger, connection, ReadPoint(as_of, moment, max(at_least, position))
