"""The sharing history: what was given to whom, for what, and on which collection it rested.

Promise: one row a share, whether it kept the promises or broke them; refused shares were not shares and are not here.
Linked streams read as one person's. No value is in it: categories only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from projections import people
from projections.at_least import settled
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
    relies_on jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    source text NOT NULL,
    fact_id text NOT NULL,
    broken text[] NOT NULL,
    excused text[] NOT NULL,
    PRIMARY KEY (stream_id, position)
)
""",
    statement="""
INSERT INTO {table} (
    position, stream_id, recipient, kind, purpose, categories, reference_code, relies_on, occurred_at, source, fact_id,
    broken, excused
)
SELECT
    event.position,
    event.stream_id,
    event.data ->> 'recipient',
    event.data ->> 'kind',
    event.data ->> 'purpose',
    event.data -> 'categories',
    event.data ->> 'reference_code',
    coalesce(event.data -> 'relies_on', '[]'),
    event.occurred_at,
    event.source,
    event.fact_id,
    {broken},
    {excused}
FROM events AS event
WHERE {window}
    AND event.topic = 'DataShared.v1'
    AND {not_erased}
""",
)

READS: Final = (people.PROJECTION, PROJECTION)
"""What its questions are answered from."""

_OF: Final = with_fragments("""
SELECT
    position, stream_id, recipient, kind, purpose, categories, reference_code, relies_on, occurred_at, source, fact_id,
    broken, excused
FROM sharing_history
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY occurred_at, position
""")


class Share(NamedTuple):
    """One share. `relies_on` names the collections that it rested on; `reference_code` digests the order it was for."""

    position: int
    stream: UUID
    recipient: str
    kind: str
    purpose: str
    categories: tuple[str, ...]
    reference_code: str | None
    relies_on: tuple[str, ...]
    at: datetime
    source: str
    fact_id: str
    broken: tuple[str, ...]
    """The promises that it broke, as found when it was appended."""
    excused: tuple[str, ...]
    """The promises that it would have broken, had the law not demanded it."""

    @property
    def fact(self) -> str:
        """The name of the fact that recorded the share: `source id`."""
        return f"{self.source} {self.fact_id}"


def of(
    connection: Connection, streams: Iterable[UUID], *, as_of: AsOf = None, at_least: int | None = None
) -> tuple[Share, ...]:
    """Give every share of the person's data, in order of world time."""
    limits = settled(connection, READS, as_of, at_least)
    wanted = people.streams_of_all(connection, streams, as_of=as_of)
    rows = connection.execute(_OF, {"streams": list(wanted), **limits}).fetchall()
    return tuple(Share._make(tuple(field) if isinstance(field, list) else field for field in row) for row in rows)
