"""What a read model is made of, for the engine.

Promise: a projection is a name and three pieces of SQL; what moves it along, and keeps erased people out of a race, is
the engine's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import Connection as DriverConnection, sql

if TYPE_CHECKING:
    from psycopg.sql import Composed

Connection = DriverConnection[tuple[Any, ...]]
"""A connection inside one ledger's schema, as its writer, in autocommit."""


@dataclass(frozen=True, slots=True)
class Projection:
    """One read model: its rows are changes, keyed by the position of the event that made them.

    In each text `{table}` stands for the table, which bears the projection's name, so that the same texts can fill
    another table beside it. A literal brace is doubled.
    """

    name: LiteralString
    tables: LiteralString
    """CREATE TABLE IF NOT EXISTS {table} (…); no default may call a function, and nothing may leave the schema."""
    statement: LiteralString
    """One INSERT … SELECT over the events after %(after)s up to %(upto)s, leaving out the streams that are erased."""
    purge: LiteralString = "DELETE FROM {table} WHERE stream_id = ANY (%(streams)s::uuid[])"
    """Removes the rows of the streams %(streams)s, which are being erased."""

    def sql(self, text: LiteralString) -> Composed:
        """Give one of the texts with its table filled in."""
        return sql.SQL(text).format(table=sql.Identifier(self.name))
