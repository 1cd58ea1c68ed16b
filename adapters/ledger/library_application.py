"""The library's Application over a ledger: its recorder, mapper, repository and notification log, on our log.

It reads the ledger, and opens values where the key is still there. It stores nothing: facts go in through
`adapters.ledger.Ledger`, which decides first. A key is looked up for every event and none is kept, so that what is
erased stays closed; for many events at once, `adapters.ledger.stream_reader` asks once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

from eventsourcing.application import Application
from psycopg.rows import tuple_row

from adapters.postgres.event_store import LedgerFactory, environment, not_decided
from adapters.postgres.mapper import SealingMapper
from adapters.postgres.queries import query
from adapters.transient import is_transient, tried_again

if TYPE_CHECKING:
    from eventsourcing.persistence import InfrastructureFactory, Mapper
    from eventsourcing.utils import Environment

    from adapters.keys.keyring import Keyring
    from adapters.postgres.connection import Database


class LedgerApplication(Application[UUID]):
    """One ledger, as the library sees it."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._keyring = keyring
        super().__init__(environment(database))

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Return the factory of the ledger's recorders."""
        self._factory = LedgerFactory(env)
        return self._factory

    def construct_mapper(self) -> Mapper[UUID]:
        """Return the mapper that seals and opens."""
        return SealingMapper(self.construct_transcoder(), self._key_of, self._keyring.source_code)

    def save(self, *objs: object, **kwargs: object) -> NoReturn:
        """Refuse: events of a ledger are decided from facts. Raises `NotDecided`."""
        del objs, kwargs
        raise not_decided()

    @tried_again(is_transient)
    def _key_of(self, stream: UUID) -> bytes | None:
        with self._factory.datastore.get_connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(query("stream_keys"), {"streams": [stream]}, prepare=True).fetchone()
        return self._keyring.data_key(stream, row[1]) if row else None
