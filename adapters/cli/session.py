"""Opening the ledger for a command."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from adapters import bootstrap
from adapters.postgres.connection import translated
from adapters.queries.read_point import ReadPoint, bring_up_to_date
from adapters.settings import load_settings
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from adapters.bootstrap import Installation, OpenedLedger
    from projections.projection import Connection

_Ledger = TypeVar("_Ledger", bound="OpenedLedger")


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
    opened: AbstractContextManager[tuple[_Ledger, Connection]], as_of: str | None = None, at_least: int = 0
) -> Iterator[tuple[_Ledger, Connection, ReadPoint]]:
    """Bring the read models of a ledger up to date, and yield the point to read at as well.

    `opened` is `open_ledger()`, or `open_to_read()` for a question that the key file is not needed for.
    """
    moment = parse_as_of(as_of)
    with opened as (ledger, connection):
        position = bring_up_to_date(connection)
        yield ledger, connection, ReadPoint(as_of, moment, max(at_least, position))
