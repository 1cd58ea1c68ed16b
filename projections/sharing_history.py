"""The sharing history: which categories were given to whom, for what, and which collections that relied on.

There is one row a share, lawful or not. A refused share did not happen and has no row. Linked streams are read as one
person's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from projections import people
from projections.fragments import with_fragments
from projections.projection import Projection

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from projections.as_of import AsOf
    from projections.projection import Connection

PROJECTION: Final = Projection(
    name="sharing_history",
    tables="""
CREATE TABLE IF NOT EXISTS {table} (
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    recipient text NOT NULL,
    kind text NOT NULL,
    purpose text NOT NULL,
    categories jsonb NOT NULL,
    reference_code text,
    relies_on bigint[] NOT NULL,
    occurred_at timestamptz NOT NULL,
    broken text[] NOT NULL,
    excused text[] NOT NULL,
    PRIMARY KEY (stream_id, position)
)
""",
    statement="""
INSERT INTO {table} (
    position, stream_id, recipient, kind, purpose, categories, reference_code, relies_on, occurred_at, broken,
    excused
)
SELECT
    event.position,
    event.stream_id,
    event.data ->> 'recipient',
    event.data ->> 'kind',
    event.data ->> 'purpose',
    event.data -> 'categories',
    event.data ->> 'reference_code',
    {relied},
    event.occurred_at,
    {broken},
    {excused}
FROM events AS event
WHERE {window}
    AND event.topic = 'DataShared.v1'
    AND {not_erased}
""",
)

READS: Final = (people.PROJECTION, PROJECTION)
"""The read models that answer its questions."""

_OF: Final = with_fragments("""
SELECT
    position, stream_id, recipient, kind, purpose, categories, reference_code, relies_on, occurred_at, broken,
    excused
FROM sharing_history
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY occurred_at, position
""")


class SharingRow(NamedTuple):
    """One share. `relies_on` are the positions of what is behind it; `reference_code` is a digest of the reference."""

    position: int
    stream: UUID
    recipient: str
    kind: str
    purpose: str
    categories: tuple[str, ...]
    reference_code: str | None
    relies_on: tuple[int, ...]
    at: datetime
    broken: tuple[str, ...]
    """The promises that it broke, as found when it was appended."""
    excused: tuple[str, ...]
    """The promises that a legal order excused it from."""


def of(
    connection: Connection, streams: Iterable[UUID], *, as_of: AsOf = None, at_least: int | None = None
) -> tuple[SharingRow, ...]:
    """Return every share of the person's data, in order of world time."""
    rows = connection.execute(_OF, people.bounds_of(connection, READS, streams, as_of, at_least)).fetchall()
    return tuple(SharingRow._make(tuple(field) if isinstance(field, list) else field for field in row) for row in rows)
