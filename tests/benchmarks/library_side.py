"""The library's side: `Application.save` with its own PostgreSQL recorder and JSON transcoder, at their defaults.

It decides, validates and seals nothing; its events hold the same values as ours do, in clear. The event objects are
built within the time that is measured, as ours are. An erasure is one more event here, and forgets nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from psycopg.conninfo import conninfo_to_dict

from tests.benchmarks.decided import decided
from tests.benchmarks.side import BATCH, chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from tests.benchmarks.decided import Decided
    from tests.benchmarks.side import Job, Place

THREADS_MAX: Final = 6


class ShopEvent(DomainEvent):
    """What every event of ours carries besides its stream, version and time."""

    actor: str
    source: str
    fact_id: str
    policy: str


class SubscriptionEvent(ShopEvent):
    """An event that a view of subscriptions keeps."""

    program: str


class CustomerEnrolled(SubscriptionEvent):
    """As ours."""

    cause: str


class CustomerOptedOut(SubscriptionEvent):
    """As ours."""


class EnrollmentEnded(SubscriptionEvent):
    """As ours."""


Made = tuple[type[ShopEvent], dict[str, Any]]
"""An event to be built: its class and its fields."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Hands events of many streams to `save` at once, at the least cost that its interface has."""

    id: UUID
    events: Sequence[ShopEvent]

    @property
    def version(self) -> int:
        """Return the last event's version."""
        return self.events[-1].originator_version

    def collect_events(self) -> Sequence[ShopEvent]:
        """Return the events."""
        return self.events


def create_schema(place: Place) -> None:
    """Create the schema, and let the library create its table in it."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {place.library}".encode())
    LibrarySide(place, create_table=True).close()


def environment(place: Place, *, create_table: bool) -> dict[str, str]:
    """Return the library's settings for the place."""
    parts = conninfo_to_dict(place.url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts["dbname"]),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts["port"]),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_PASSWORD": str(parts.get("password", "")),
        "POSTGRES_SCHEMA": place.library,
        # Processes that create the table at the same time fail on each other.
        "CREATE_TABLE": "yes" if create_table else "no",
        # A connection for each thread; nothing else departs from the defaults.
        "POSTGRES_POOL_SIZE": str(THREADS_MAX),
    }


class LibrarySide:
    """One process that saves through the library."""

    def __init__(self, place: Place, *, create_table: bool = False) -> None:
        self._workload = place.workload
        self._application: Application[UUID] = Application(environment(place, create_table=create_table))
        self._tasks: list[Callable[[], int]] = []

    def prepare(self, job: Job) -> None:
        """Work out the fields of every event, and which of them share a transaction."""
        self._tasks = []
        for thread in range(job.threads):
            facts = [list(map(_made, events)) for events in decided(self._workload, f"{job.label}-{thread}", job.facts)]
            size = BATCH if job.batched else 1
            saves = [[made for fact in chunk for made in fact] for chunk in chunks(facts, size)]
            done = sum(map(len, saves)) if job.batched else len(saves)
            self._tasks.append(partial(self._save_each, saves, done))

    def tasks(self) -> Sequence[Callable[[], int]]:
        """Return the work of each thread."""
        return self._tasks

    def close(self) -> None:
        """Close the application."""
        self._application.close()

    def _save_each(self, saves: Sequence[Sequence[Made]], done: int) -> int:
        for made in saves:
            events = [cls(**fields) for cls, fields in made]
            self._application.save(Pending(events[0].originator_id, events))
        return done


def _made(event: Decided) -> Made:
    envelope = {"originator_id": event.stream, "originator_version": event.version, "timestamp": event.at}
    return _event_class(event.kind, tuple(event.fields)), envelope | event.fields


_CLASSES: Final[dict[tuple[str, ...], type[ShopEvent]]] = {}


def _event_class(kind: str, fields: tuple[str, ...]) -> type[ShopEvent]:
    """Return the class of an event of this kind with these fields, so that no absent field is stored as null."""
    key = (kind, *fields)
    if key not in _CLASSES:
        base = globals().get(kind, ShopEvent)
        name = f"{kind}{len(_CLASSES)}"
        body = {"__module__": __name__, "__qualname__": name, "__annotations__": dict.fromkeys(fields, "object")}
        # The library finds the class of a stored event by its name in this module.
        _CLASSES[key] = globals()[name] = type(base)(name, (base,), body)
    return _CLASSES[key]
