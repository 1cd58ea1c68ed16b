"""Who is one person: one row a stream and link of it, from CustomersLinked.

A link joins whole persons and lists all of their streams, so any two links of a stream are nested. The union of what
they list is the person, and the smallest id among them is the person's id, in any order of arrival.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from projections.at_least import settled
from projections.fragments import with_fragments
from projections.projection import Projection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from projections.as_of import AsOf
    from projections.projection import Connection

PROJECTION: Final = Projection(
    name="people",
    tables="""
CREATE TABLE IF NOT EXISTS {table} (
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    person_id uuid NOT NULL,
    others uuid[] NOT NULL,
    same_codes jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (stream_id, position)
)
""",
    statement="""
INSERT INTO {table} (position, stream_id, person_id, others, same_codes, occurred_at)
SELECT
    event.position,
    event.stream_id,
    (event.data ->> 'person')::uuid,
    ARRAY(SELECT other::uuid FROM jsonb_array_elements_text(event.data -> 'others') AS other),
    coalesce(event.data -> 'same_codes', '[]'),
    event.occurred_at
FROM events AS event
WHERE {window}
    AND event.topic = 'CustomersLinked.v1'
    AND {not_erased}
""",
)

_SAME_CODES: Final = with_fragments("""
SELECT same_codes FROM people
WHERE same_codes <> '[]' AND {as_of}
ORDER BY position
""")

_PERSONS_OF: Final = with_fragments("""
SELECT DISTINCT ON (stream_id) stream_id, person_id FROM people
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY stream_id, person_id
""")

_STREAMS_OF: Final = with_fragments("""
SELECT unnest(%(streams)s::uuid[])
UNION
SELECT unnest(others) FROM people
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY 1
""")


def same_codes(connection: Connection, *, as_of: AsOf = None, at_least: int | None = None) -> dict[str, str]:
    """Return the codes of references and requests that had others on streams joined since, each with the one code."""
    limits = settled(connection, [PROJECTION], as_of, at_least)
    found: dict[str, str] = {}
    for (pairs,) in connection.execute(_SAME_CODES, {**limits}).fetchall():
        for code, into in pairs:
            one, other = found.get(code, code), found.get(into, into)
            if one != other:
                found |= {one: other, **{each: other for each, same in found.items() if same == one}}
    return found


def streams_of(
    connection: Connection, stream: UUID, *, as_of: AsOf = None, at_least: int | None = None
) -> tuple[UUID, ...]:
    """Return all streams of the person of a stream, the stream itself among them, in ascending order."""
    return streams_of_all(connection, [stream], as_of=as_of, at_least=at_least)


def streams_of_all(
    connection: Connection, streams: Iterable[UUID], *, as_of: AsOf = None, at_least: int | None = None
) -> tuple[UUID, ...]:
    """Return all streams of the persons of these streams, in ascending order."""
    limits = settled(connection, [PROJECTION], as_of, at_least)
    rows = connection.execute(_STREAMS_OF, {"streams": list(streams), **limits}).fetchall()
    return tuple(stream for (stream,) in rows)


def bounds_of(
    connection: Connection,
    reads: Sequence[Projection],
    streams: Iterable[UUID],
    as_of: AsOf,
    at_least: int | None,
) -> dict[str, Any]:
    """Wait until the read models `reads` know enough; return a query's parameters: the person's streams and bounds."""
    limits = settled(connection, reads, as_of, at_least)
    return {"streams": list(streams_of_all(connection, streams, as_of=as_of)), **limits}


def persons_of(
    connection: Connection, streams: Iterable[UUID], *, as_of: AsOf = None, at_least: int | None = None
) -> dict[UUID, UUID]:
    """Return the person of each of these streams, by the smallest id of the person's streams."""
    wanted = list(streams)
    rows = connection.execute(_PERSONS_OF, {"streams": wanted, **settled(connection, [PROJECTION], as_of, at_least)})
    linked: dict[UUID, UUID] = dict(rows.fetchall())
    return {stream: linked.get(stream, stream) for stream in wanted}
