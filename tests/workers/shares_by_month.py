"""An example of a projection of one's own: how often data was given to each recipient, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection
from psycopg.sql import SQL

from domain.events.customer import DataShared

if TYPE_CHECKING:
    from datetime import date

    from eventsourcing.persistence import Tracking
    from eventsourcing.postgres import PostgresDatastore

    from domain.events import Event


class SharesByMonth(PostgresTrackingRecorder):
    """The view: one row a recipient and month. It holds nothing about a person, so an erasure leaves it as it is."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(datastore, **options)
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS shares_by_month"
                " (recipient text, month date, shares bigint NOT NULL, PRIMARY KEY (recipient, month))"
            ).format()
        )

    def count(self, recipient: str, month: date, tracking: Tracking) -> None:
        """Count one share, in one transaction with the position of its event."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO shares_by_month VALUES (%s, %s, 1) ON CONFLICT (recipient, month)"
                " DO UPDATE SET shares = shares_by_month.shares + 1",
                (recipient, month),
            )

    def shares(self, month: date) -> dict[str, int]:
        """Return how often each recipient was given data in the month that begins on this day."""
        with self.datastore.get_connection() as connection:
            rows = connection.execute("SELECT recipient, shares FROM shares_by_month WHERE month = %s", (month,))
            return {row["recipient"]: row["shares"] for row in rows}


class CountShares(Projection[SharesByMonth]):
    """The projection: what each event does to the view."""

    name = "count_shares"
    topics = (DataShared.topic,)

    @singledispatchmethod
    def process_event(self, _: Event, tracking: Tracking) -> None:
        """Leave out what is not handled below; its position is tracked all the same."""
        self.view.insert_tracking(tracking)

    @process_event.register(DataShared)
    def _(self, shared: DataShared, tracking: Tracking) -> None:
        self.view.count(shared.recipient, shared.occurred_at.date().replace(day=1), tracking)
