"""The library's Application over a ledger: its recorder, mapper, repository and notification log, on our log.

Promise: reading through it is reading the ledger. Appending through its `save` keeps the library's all or nothing, with
our positions; facts go in through `adapters.ledger.Ledger`, which decides first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from eventsourcing.application import Application
from psycopg.conninfo import conninfo_to_dict

from adapters.mapper import SealingMapper
from adapters.postgres.event_store import LedgerFactory

if TYPE_CHECKING:
    from eventsourcing.persistence import InfrastructureFactory, Mapper
    from eventsourcing.utils import Environment

    from adapters.mapper import KeyOf
    from adapters.postgres.connection import Database


class LedgerApplication(Application[UUID]):
    """One ledger, as the library sees it; `key_of` opens what is sealed."""

    def __init__(self, database: Database, key_of: KeyOf) -> None:
        self._parts: dict[str, Any] = conninfo_to_dict(database.conninfo)
        self._key_of = key_of
        env = {
            "POSTGRES_DBNAME": str(self._parts.get("dbname", "postgres")),
            "POSTGRES_HOST": str(self._parts.get("host", "")),
            "POSTGRES_PORT": str(self._parts.get("port", "5432")),
            "POSTGRES_USER": str(self._parts.get("user", "")),
            "POSTGRES_PASSWORD": str(self._parts.get("password", "")),
            "POSTGRES_SCHEMA": database.ledger,
            "POSTGRES_POOL_SIZE": "1",
        }
        super().__init__(env)

    def construct_factory(self, env: Environment) -> InfrastructureFactory[Any]:
        """Give the factory of the ledger's recorders."""
        return LedgerFactory(env, self._parts)

    def construct_mapper(self) -> Mapper[UUID]:
        """Give the mapper that seals and opens."""
        return SealingMapper(self.construct_transcoder(), self._key_of)
