"""The library's Application over a ledger: its recorder, mapper, repository and notification log, on our log.

Promise: reading through it is reading the ledger, values opened where the key is still there. Appending through its
`save` keeps the library's all or nothing, with our positions; facts go in through `adapters.ledger.Ledger`, which
decides first. A key is looked up for every event, and none is kept, so that what is erased stays closed; for many
events at once, `adapters.ledger.reading` asks once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from eventsourcing.application import Application
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from adapters.mapper import SealingMapper
from adapters.postgres.event_store import LedgerFactory
from adapters.postgres.schema import query

if TYPE_CHECKING:
    from eventsourcing.persistence import InfrastructureFactory, Mapper
    from eventsourcing.utils import Environment

    from adapters.ledger.keyring import Keyring
    from adapters.postgres.connection import Database


class LedgerApplication(Application[UUID]):
    """One ledger, as the library sees it."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._parts: dict[str, Any] = conninfo_to_dict(database.conninfo)
        self._keyring = keyring
        env = {
            "POSTGRES_DBNAME": str(self._parts.get("dbname", "postgres")),
            "POSTGRES_HOST": str(self._parts.get("host", "")),
            "POSTGRES_PORT": str(self._parts.get("port", "5432")),
            "POSTGRES_USER": str(self._parts.get("user", "")),
            "POSTGRES_PASSWORD": str(self._parts.get("password", "")),
            # The library puts a schema into SQL without quotes, which a ledger named `order` would break. Ours is the
            # search path of the connection string; the empty text keeps a variable of the machine's from being read.
            "POSTGRES_SCHEMA": "",
            "POSTGRES_POOL_SIZE": "1",
        }
        super().__init__(env)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Give the factory of the ledger's recorders."""
        self._factory = LedgerFactory(env, self._parts)
        return self._factory

    def construct_mapper(self) -> Mapper[UUID]:
        """Give the mapper that seals and opens."""
        return SealingMapper(self.construct_transcoder(), self._key_of)

    def _key_of(self, stream: UUID) -> bytes | None:
        with self._factory.datastore.get_connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(query("stream_keys"), {"streams": [stream]}, prepare=True).fetchone()
        return self._keyring.unwrap(stream, row[1]).dek if row else None
