"""The library's side of a rebuild: its own store of the same kind of events, read by its ProjectionRunner into a view.

It is used as its users would: the view's rows and the position of their event are written in one commit an event, which
is what its tracking recorder offers. The view keeps subscriptions alone, and passes every other event over with its
position; ours are all the read models there are. Its runner is handed every event, since together ours need nearly all
of them; for subscriptions alone it could ask for their topics only.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from tests.benchmarks import library_side
from tests.benchmarks.library_side import (
    CustomerEnrolled,
    CustomerOptedOut,
    EnrollmentEnded,
    LibrarySide,
    ShopEvent,
    SubscriptionEvent,
)
from tests.benchmarks.side import Job

if TYPE_CHECKING:
    from eventsourcing.persistence import Tracking
    from eventsourcing.postgres import PostgresDatastore

    from tests.benchmarks.side import Place

_TIMEOUT_SECONDS: Final = 600


class Subscriptions(PostgresTrackingRecorder):
    """The view: one row for each change of a subscription, as our read model of subscriptions has it."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(datastore, **options)
        self._table = Identifier(datastore.schema, "subscriptions")
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS {} (position bigint, stream_id uuid, program text, state text, cause text,"
                " occurred_at timestamptz, source text, fact_id text, PRIMARY KEY (stream_id, position))"
            ).format(self._table)
        )

    def add(self, changed: SubscriptionEvent, tracking: Tracking, state: str, cause: str | None = None) -> None:
        """Keep one change, in one transaction with the position of its event."""
        position, stream, at = tracking.notification_id, changed.originator_id, changed.timestamp
        row = (position, stream, changed.program, state, cause, at, changed.source, changed.fact_id)
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(SQL("INSERT INTO {} VALUES (%s, %s, %s, %s, %s, %s, %s, %s)").format(self._table), row)


class KeepSubscriptions(Projection[Subscriptions]):
    """What each event does to the view."""

    name = "keep_subscriptions"

    @singledispatchmethod
    def process_event(self, _: ShopEvent, tracking: Tracking) -> None:
        """Pass it over."""
        self.view.insert_tracking(tracking)

    @process_event.register(CustomerEnrolled)
    def _(self, enrolled: CustomerEnrolled, tracking: Tracking) -> None:
        self.view.add(enrolled, tracking, "enrolled", enrolled.cause)

    @process_event.register(CustomerOptedOut)
    def _(self, left: CustomerOptedOut, tracking: Tracking) -> None:
        self.view.add(left, tracking, "opted_out")

    @process_event.register(EnrollmentEnded)
    def _(self, ended: EnrollmentEnded, tracking: Tracking) -> None:
        self.view.add(ended, tracking, "ended")


class RunnerSide:
    """The store with its events, and a runner that is started anew for every measurement."""

    def __init__(self, place: Place, events: int) -> None:
        """Save at least so many events."""
        self._place = place
        self.asked = events
        library_side.create_schema(place)
        side = LibrarySide(place)
        side.prepare(Job("runner", math.ceil(events / place.workload.events_a_fact), batched=True))
        self.events = sum(task() for task in side.tasks())
        side.close()

    def rate(self) -> float:
        """Make the view from nothing; return the events a second, from the runner's start to the last event."""
        with psycopg.connect(self._place.url, autocommit=True) as connection:
            for table in ("subscriptions", "keep_subscriptions_tracking"):
                connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(self._place.library, table)))
        start = time.perf_counter()
        runner: ProjectionRunner[Application[UUID], Subscriptions] = ProjectionRunner(
            application_class=Application[UUID],
            projection_class=KeepSubscriptions,
            view_class=Subscriptions,
            env=library_side.environment(self._place, create_table=True),
        )
        with runner:
            runner.wait(self.events, _TIMEOUT_SECONDS)
            seconds = time.perf_counter() - start
        runner.view.datastore.close()
        return self.events / seconds
