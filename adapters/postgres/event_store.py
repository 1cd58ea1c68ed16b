"""The event store: our recorder and factory under the interfaces of the eventsourcing library.

The library's classes read a ledger in its `environment`; the tables of their views are in its schema. Positions are
gapless, dense and in commit order, so a reader that follows positions misses nothing.

Events are stored only as facts are (`adapters.ledger.Ledger`), so the recorder stores none. It creates no tables
(`adapters.postgres.schema` does) and refuses the library's own database functions, which take no lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from eventsourcing.persistence import AggregateRecorder, ProgrammingError
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory, PostgresTrackingRecorder
from eventsourcing.utils import Environment, resolve_topic
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from adapters.postgres.connection import Database
from adapters.postgres.log_feed import LogFeed
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow, RowNotification, RowStoredEvent
from adapters.postgres.wake_ups import WAKE_UP_CHANNEL
from adapters.transient import is_created_meanwhile, is_transient, tried_again
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from eventsourcing.persistence import (
        ApplicationRecorder,
        Notification,
        ProcessRecorder,
        StoredEvent,
        Subscription,
    )
    from eventsourcing.postgres import PostgresDatastore
    from eventsourcing.utils import EnvType

_URL: Final = "LEDGER_URL"
_NAME: Final = "LEDGER_NAME"
_AS_WRITER: Final = "LEDGER_AS_WRITER"

View = TypeVar("View", bound=PostgresTrackingRecorder)


class NotDecided(PledgerError):
    """An event was about to be stored without being decided from a fact."""

    code = "not_decided"


def environment(database: Database) -> dict[str, str]:
    """Return the environment in which the library's classes work on a ledger. It has the address with its password."""
    return {
        "PERSISTENCE_MODULE": f"{__name__}:{LedgerFactory.__name__}",
        _URL: database.url,
        _NAME: database.ledger,
        _AS_WRITER: "yes" if database.as_writer else "no",
    }


class LedgerRecorder(PostgresApplicationRecorder):
    """Reads a ledger's events for the library. `LedgerFactory` makes it and sets its `database`."""

    database: Database

    def __init__(self, datastore: PostgresDatastore, *, events_table_name: str = "events") -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        if datastore.enable_db_functions:
            message = "POSTGRES_ENABLE_DB_FUNCTIONS must stay off: its function takes no lock"
            raise ProgrammingError(message)
        self.channel_name = WAKE_UP_CHANNEL

    def create_table(self) -> None:
        """Do nothing: `adapters.postgres.schema` creates the ledger's tables, and this role may not."""

    def to_stored_event(self, row: EventRow) -> StoredEvent:
        """Return the stored event of a row."""
        return RowStoredEvent(row.stream_id, row.version, row.topic, row.sealed or b"", row)

    def to_notification(self, row: EventRow) -> Notification:
        """Return the notification of a row."""
        return RowNotification(row.stream_id, row.version, row.topic, row.sealed or b"", row.position, row)

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:  # noqa: ANN401 - the library's
        """Refuse: events of a ledger are decided from facts. Raises `NotDecided`."""
        del stored_events
        raise not_decided()

    @tried_again(is_transient)
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return a stream's events between two versions, ascending or descending."""
        statement = query("select_events", order="DESC" if desc else "ASC")
        wanted = {"stream": originator_id, "gt": gt, "lte": lte, "limit": limit}
        return [self.to_stored_event(row) for row in self._rows(statement, wanted)]

    @tried_again(is_transient)
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return up to `limit` events from a position on, in the order of the log."""
        first = 0 if start is None else start if inclusive_of_start else start + 1
        wanted = {"start": first, "limit": limit, "stop": stop, "topics": list(topics) or None}
        return [self.to_notification(row) for row in self._rows(query("select_notifications"), wanted)]

    @tried_again(is_transient)
    def max_notification_id(self) -> int | None:
        """Return the position of the last event, or None while there is none."""
        with self.datastore.get_connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(query("head"), prepare=True).fetchone()
        return row[0] or None if row else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Return a feed of every event after a position, later appends included, until it is stopped."""
        return LogFeed(self, self.database.connect, self.to_notification, gt=gt, topics=topics)

    def _rows(self, statement: bytes, wanted: dict[str, Any]) -> Iterable[EventRow]:
        with self.datastore.get_connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            return [EventRow(*row) for row in cursor.execute(statement, wanted, prepare=True).fetchall()]


class LedgerFactory(PostgresFactory):
    """Makes recorders whose connections work inside a ledger's schema as its writer; see `environment`.

    As in the library, one factory makes either recorders of events or one view.
    """

    application_recorder_class = LedgerRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        given = env if isinstance(env, Environment) else Environment(env=env)
        self._database = Database(given[_URL], given[_NAME], as_writer=given[_AS_WRITER] == "yes")
        parts: dict[str, Any] = conninfo_to_dict(self._database.conninfo)
        settings = {
            "POSTGRES_DBNAME": str(parts.get("dbname", "postgres")),
            "POSTGRES_HOST": str(parts.get("host", "")),
            "POSTGRES_PORT": str(parts.get("port", "5432")),
            "POSTGRES_USER": str(parts.get("user", "")),
            "POSTGRES_PASSWORD": str(parts.get("password", "")),
            # The library puts a recorder's schema into SQL without quotes, which a ledger named `order` would break.
            # Ours is the search path. The empty text keeps the library from reading an environment variable.
            "POSTGRES_SCHEMA": "",
            "POSTGRES_POOL_SIZE": "1",
        }
        super().__init__(Environment(given.name, {**given, **settings}))
        pool = self.datastore.pool
        pool.kwargs = {**(pool.kwargs if isinstance(pool.kwargs, dict) else {}), **parts}

    def application_recorder(self) -> ApplicationRecorder:
        """Return the recorder of the ledger's events, whatever class the environment names."""
        recorder = self.application_recorder_class(self.datastore)
        recorder.database = self._database
        return recorder

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Refuse: it would store events, or snapshots of them, beside the log. Raises `NotDecided`."""
        del purpose
        raise not_decided()

    def process_recorder(self) -> ProcessRecorder:
        """Refuse: it would store events beside the log. Raises `NotDecided`."""
        raise not_decided()

    @tried_again(is_created_meanwhile)
    def tracking_recorder(self, tracking_recorder_class: type[View] | None = None) -> View:
        """Return a view whose tables are in the ledger's schema; missing tables are created.

        Raises `NotDecided` for a view that would store events too.
        """
        named = self.env.get(self.TRACKING_RECORDER_TOPIC)
        if issubclass(
            tracking_recorder_class or (resolve_topic(named) if named else PostgresTrackingRecorder), AggregateRecorder
        ):
            raise not_decided()
        self.datastore.schema = self._database.ledger  # A view's statements quote it.
        return super().tracking_recorder(tracking_recorder_class)


def not_decided() -> NotDecided:
    """Return the error of an event that somebody would store themselves."""
    return NotDecided(
        "The events were not stored.",
        "a ledger's events are made from facts, and these were not decided.",
        "Append the fact that they state with Ledger.append, or send it to the server.",
    )
