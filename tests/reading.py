"""Reading what a ledger holds, as the eventsourcing library reads it and as Pledger does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapters.ledger.library_application import LedgerApplication
from adapters.ledger.stream_reader import opened_events
from adapters.postgres.rows import RowNotification

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from adapters.bootstrap import Installation
    from adapters.postgres.rows import EventRow
    from domain.events import Event


@contextmanager
def application(installation: Installation) -> Iterator[LedgerApplication]:
    """Open a ledger as the library sees it, for the length of the block."""
    it = LedgerApplication(installation.database, installation.keyring)
    try:
        yield it
    finally:
        it.close()


def rows_of(installation: Installation) -> list[EventRow]:
    """Return the rows of the log, in order of position, as the library's recorder reads them."""
    with application(installation) as it:
        stored = it.recorder.select_notifications(1, 10_000)
    return [one.row for one in stored if isinstance(one, RowNotification)]


def events_of(installation: Installation, stream: UUID) -> list[Event]:
    """Return the events of a stream, opened where its key is still there."""
    with installation.connect() as connection:
        return opened_events(connection, installation.keyring, [stream])


def size_of(installation: Installation) -> int:
    """Return how many events the log has."""
    with installation.connect() as connection:
        ((size,),) = connection.execute("SELECT size FROM head").fetchall()
    return int(size)
