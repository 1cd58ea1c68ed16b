"""The library's side: `Application.save` with its own PostgreSQL recorder and JSON transcoder, at their defaults.

It decides, validates and seals nothing; its events hold the same values as ours do, in clear, except the code of a
reference, which is there only because the reference itself is sealed. The event objects are built within the time that
is measured, as ours are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from psycopg.conninfo import conninfo_to_dict

from tests.benchmarks.shop_day import (
    COLLECTED,
    HELD_IN,
    NOTICE,
    PAID,
    SHIPPED,
    USED,
    Order,
    fact_id,
    orders,
)
from tests.benchmarks.side import BATCH, chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.benchmarks.side import Job, Place

THREADS_MAX: Final = 6


class ShopEvent(DomainEvent):
    """What every event of ours carries besides its stream, version and time."""

    actor: str
    source: str
    fact_id: str
    policy: str


class DataCollected(ShopEvent):
    """As ours."""

    act: str
    collection_point: str
    notice: str
    categories: tuple[str, ...]
    held_in: str
    online: bool
    reference: str
    values: dict[str, str | None]


class CustomerEnrolled(ShopEvent):
    """As ours."""

    program: str
    cause: str
    relies_on: tuple[str, ...]
    reference: str


class DataUsed(ShopEvent):
    """As ours."""

    purpose: str
    categories: tuple[str, ...]
    relies_on: tuple[str, ...]
    reference: str


class DataShared(DataUsed):
    """As ours."""

    recipient: str
    kind: str


Made = tuple[type[ShopEvent], dict[str, Any]]
"""An event to be built: its class and its fields."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Hands events of many streams to `save` at once, at the least cost that its interface has."""

    id: UUID
    events: Sequence[ShopEvent]

    @property
    def version(self) -> int:
        """Give the last event's version."""
        return self.events[-1].originator_version

    def collect_events(self) -> Sequence[ShopEvent]:
        """Give the events."""
        return self.events


def create_schema(place: Place) -> None:
    """Create the schema, and let the library create its table in it."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {place.library}".encode())
    LibrarySide(place, create_table=True).close()


def environment(place: Place, *, create_table: bool) -> dict[str, str]:
    """Give the library's settings for the place."""
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
        self._application: Application[UUID] = Application(environment(place, create_table=create_table))
        self._tasks: list[Callable[[], int]] = []

    def prepare(self, job: Job) -> None:
        """Work out the fields of every event, and which of them share a transaction."""
        self._tasks = []
        for thread in range(job.threads):
            told = list(_told(orders(f"{job.label}-{thread}", job.orders)))
            size = BATCH if job.batched else 1
            saves = [[made for fact in chunk for made in fact] for chunk in chunks(told, size)]
            done = sum(map(len, saves)) if job.batched else len(saves)
            self._tasks.append(partial(self._save_each, saves, done))

    def tasks(self) -> Sequence[Callable[[], int]]:
        """Give the work of each thread."""
        return self._tasks

    def close(self) -> None:
        """Close the application."""
        self._application.close()

    def _save_each(self, saves: Sequence[Sequence[Made]], done: int) -> int:
        for made in saves:
            events = [cls(**fields) for cls, fields in made]
            self._application.save(Pending(events[0].originator_id, events))
        return done


def _told(placed: Iterator[Order]) -> Iterator[list[Made]]:
    """Give the events of each fact in turn."""
    streams: dict[str, UUID] = {}
    versions: dict[UUID, int] = {}
    for order in placed:
        stream = streams.setdefault(order.customer, uuid4())
        for step, events in enumerate(_events(order)):
            fact: list[Made] = []
            for cls, prefix, fields in events:
                versions[stream] = version = versions.get(stream, 0) + 1
                envelope = {
                    "originator_id": stream,
                    "originator_version": version,
                    "timestamp": order.moment(step),
                    "actor": "/shop",
                    "source": "/shop",
                    "fact_id": fact_id(order, prefix),
                    "policy": NOTICE,
                    "reference": order.reference,
                }
                fact.append((cls, envelope | fields))
            yield fact


def _events(order: Order) -> Iterator[list[tuple[type[ShopEvent], str, dict[str, Any]]]]:
    """Give for each of the order's facts its events: class, the prefix of the fact's id, and own fields."""
    relies_on = (f"/shop {fact_id(order, 'collect')}",)
    collected = {
        "act": "order",
        "collection_point": "checkout",
        "notice": NOTICE,
        "categories": COLLECTED,
        "held_in": HELD_IN,
        "online": True,
        "values": order.values,
    }
    first: list[tuple[type[ShopEvent], str, dict[str, Any]]] = [(DataCollected, "collect", collected)]
    if order.is_first:
        enrolled = {"program": "email_marketing", "cause": "purchase", "relies_on": relies_on}
        first.append((CustomerEnrolled, "collect", enrolled))
    yield first
    for prefix, purpose, categories, recipient in (USED, PAID, SHIPPED):
        fields: dict[str, Any] = {"purpose": purpose, "categories": categories, "relies_on": relies_on}
        if recipient is None:
            yield [(DataUsed, prefix, fields)]
        else:
            yield [(DataShared, prefix, {**fields, "recipient": recipient, "kind": "service_provider"})]
