"""Reading what a ledger holds, as the eventsourcing library reads it and as Pledger does."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from adapters.ledger.library_application import LedgerApplication
from adapters.ledger.opening import opened_at
from adapters.ledger.stream_reader import opened_events
from adapters.postgres.queries import query
from adapters.postgres.rows import RowNotification
from tests.controls import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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


def opened_log(installation: Installation) -> list[Event]:
    """Return all events in the order of the log, opened where their keys are still there."""
    with installation.connect() as connection:
        found = opened_at(connection, installation.keyring, range(1, size_of(installation) + 1))
    return [found[position] for position in sorted(found)]


def positions_of(installation: Installation, fact_id: str) -> list[int]:
    """Return the positions of a fact's events, in the order of the log."""
    return [event.moment.position for event in opened_log(installation) if event.fact_id == fact_id]


def events_of(installation: Installation, stream: UUID) -> list[Event]:
    """Return the events of a stream, opened where its key is still there."""
    with installation.connect() as connection:
        return opened_events(connection, installation.keyring, [stream])


class FactPlace(NamedTuple):
    """Where a fact went: its stream, the position of the last of its events, and how many they are."""

    stream: UUID
    position: int
    events: int


def places_of(installation: Installation, fact_ids: Iterable[str], source: str = SOURCE) -> dict[str, FactPlace]:
    """Return where each of the facts stands that the ledger has; those of the erased are nowhere any more."""
    digests = {installation.keyring.fact(f"{source} {fact_id}"): fact_id for fact_id in fact_ids}
    with installation.connect() as connection:
        known = connection.execute(query("known_facts"), {"facts": list(digests)}).fetchall()
    return {
        digests[digest]: FactPlace(stream, position, events)
        for digest, _, stream, position, events, _ in known
        if stream is not None
    }


def stream_of(installation: Installation, fact_id: str, source: str = SOURCE) -> UUID:
    """Return the stream that a fact went to whose customer is not erased."""
    return places_of(installation, [fact_id], source)[fact_id].stream


def size_of(installation: Installation) -> int:
    """Return how many events the log has."""
    with installation.connect() as connection:
        ((size,),) = connection.execute("SELECT size FROM head").fetchall()
    return int(size)
