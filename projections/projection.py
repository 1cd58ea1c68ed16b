"""What a read model is made of, for the engine.

Promise: a projection is a name and three pieces of SQL; what moves it along, rebuilds it, and keeps erased people out
of a race, is the engine's.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import Connection as DriverConnection, sql

from projections.fragments import with_fragments

if TYPE_CHECKING:
    from psycopg.sql import Composed

Connection = DriverConnection[tuple[Any, ...]]
"""A connection inside one ledger's schema, as its writer, in autocommit."""


@dataclass(frozen=True, slots=True)
class Projection:
    """One read model: its rows are changes, keyed by the position of the event that made them.

    In each text `{table}` stands for the table, which bears the projection's name; a rebuild fills the shadow table
    beside it with the same texts. `{window}`, `{not_erased}` and the like stand for pieces of `fragments`. A literal
    brace is doubled.
    """

    name: LiteralString
    tables: LiteralString
    """CREATE TABLE IF NOT EXISTS {table} (…); no default may call a function, and nothing may leave the schema."""
    statement: LiteralString
    """One INSERT … SELECT over the events of one {window}, leaving out the streams that are erased."""
    purge: LiteralString | None = "DELETE FROM {table} WHERE stream_id = ANY (%(streams)s::uuid[])"
    """Removes the rows of the streams %(streams)s, which are being erased; None where no row is about a person."""

    def __post_init__(self) -> None:
        """Put the shared pieces in their places."""
        object.__setattr__(self, "statement", with_fragments(self.statement))

    @property
    def shadow(self) -> str:
        """Name the table that a rebuild fills."""
        return f"{self.name}_shadow"

    @property
    def definition(self) -> str:
        """Give a digest of what makes the rows, in hexadecimal: rows of another definition are out of date."""
        text = "\0".join((self.tables, self.statement, self.purge or ""))
        return sha256(" ".join(text.split()).encode()).hexdigest()

    def sql(self, text: LiteralString, table: str | None = None) -> Composed:
        """Give one of the texts with {table} filled in, by default the one that is read, and {name} with its name."""
        return sql.SQL(text).format(table=sql.Identifier(table or self.name), name=sql.Identifier(self.name))
