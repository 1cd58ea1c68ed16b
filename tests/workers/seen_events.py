"""A projection for tests: its view writes down every event that it is given, in order, also one that is given twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection
from psycopg.sql import SQL

from domain.events.customer import DataCollected
from domain.vocabulary import EMAIL

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventsourcing.persistence import Tracking
    from eventsourcing.postgres import PostgresDatastore

    from domain.events import Event


class SeenEvents(PostgresTrackingRecorder):
    """The view: a row an event, numbered in order of writing, without a key that would refuse a second one."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(datastore, **options)
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS seen_events"
                " (number bigint GENERATED ALWAYS AS IDENTITY, position bigint, topic text, email text)"
            ).format()
        )

    def see(self, event: Event, tracking: Tracking) -> None:
        """Write down an event, with the e-mail address that it was opened to."""
        email = (event.values or {}).get(EMAIL) if isinstance(event, DataCollected) else None
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "INSERT INTO seen_events (position, topic, email) VALUES (%s, %s, %s)",
                (tracking.notification_id, event.topic, email),
            )
            self._insert_tracking(cursor, tracking)

    def seen(self) -> list[tuple[int, str, str | None]]:
        """Return what was written down, in order of writing."""
        with self.datastore.get_connection() as connection:
            rows = connection.execute("SELECT position, topic, email FROM seen_events ORDER BY number").fetchall()
        return [(row["position"], row["topic"], row["email"]) for row in rows]


class SeeEvents(Projection[SeenEvents]):
    """The projection. A test may have something done after each event has been written down."""

    name = "see_events"
    before: ClassVar[Callable[[Event], None]] = staticmethod(lambda _: None)
    after: ClassVar[Callable[[SeenEvents, Event], None]] = staticmethod(lambda _view, _event: None)

    def process_event(self, domain_event: Event, tracking: Tracking) -> None:
        """Write it down."""
        type(self).before(domain_event)
        self.view.see(domain_event, tracking)
        type(self).after(self.view, domain_event)
