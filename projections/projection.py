"""A projection: the name and the three pieces of SQL that define a read model. The engine keeps it up to date."""

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
    """One read model. Its rows are changes, keyed by the position of the event that made them.

    In each text `{table}` stands for the table, which has the projection's name; a rebuild fills the shadow table
    beside it with the same texts. The statement may name the pieces of `fragments`, such as `{window}`. Double a
    literal brace.
    """

    name: LiteralString
    tables: LiteralString
    """CREATE TABLE IF NOT EXISTS {table} (…); no default calls a function, and nothing leaves the schema."""
    statement: LiteralString
    """One INSERT … SELECT over the events of one {window}, leaving out the streams that are erased."""
    purge: LiteralString | None = "DELETE FROM {table} WHERE stream_id = ANY (%(streams)s::uuid[])"
    """Removes the rows of %(streams)s, which are being erased; None where no row is about a person."""

    def __post_init__(self) -> None:
        """Fill in the shared pieces of SQL."""
        object.__setattr__(self, "statement", with_fragments(self.statement))

    @property
    def shadow(self) -> str:
        """The table that a rebuild fills."""
        return f"{self.name}_shadow"

    @property
    def definition(self) -> str:
        """A digest of the SQL of the rows, in hexadecimal. Rows of another definition are out of date."""
        text = "\0".join((self.tables, self.statement, self.purge or ""))
        return sha256(" ".join(text.split()).encode()).hexdigest()

    def sql(self, text: LiteralString, table: str | None = None) -> Composed:
        """Return a text with {table} filled in, by default with the table that is read, and {name} with its name."""
        return sql.SQL(text).format(table=sql.Identifier(table or self.name), name=sql.Identifier(self.name))
