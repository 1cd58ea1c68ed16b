"""Who is one person: one row a stream and link of it, or unlink, from CustomersLinked and CustomersUnlinked.

A link lists all who are one person from its time on, and again at each later time at which told links join more; an
unlink parts one stream, and lists who stays together. So the last row of a stream, as of a time too, says who the
person is, and the smallest id among their streams is the person's id. An unlink of two who were not one person undid
nothing, and makes no row.
"""

from __future__ import annotations

from collections import defaultdict
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
    ARRAY(
        SELECT other::uuid FROM jsonb_array_elements_text(
            event.data -> CASE event.topic WHEN 'CustomersLinked.v1' THEN 'others' ELSE 'together' END
        ) AS other
    ),
    coalesce(event.data -> 'same_codes', '[]'),
    event.occurred_at
FROM events AS event
WHERE {window}
    AND {changes_people}
    AND {not_erased}
""",
)

_SAME_CODES: Final = with_fragments("""
WITH known AS (
    SELECT DISTINCT ON (stream_id) stream_id, others FROM people WHERE {as_of} ORDER BY stream_id, position DESC
)
SELECT stream_id, same_codes
FROM people
JOIN known USING (stream_id)
WHERE same_codes <> '[]'
    AND {as_of}
    AND (people.others = '{}' OR people.others && known.others)
ORDER BY position
""")

_PERSONS_OF: Final = with_fragments("""
SELECT DISTINCT ON (stream_id) stream_id, person_id FROM people
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY stream_id, position DESC
""")

_LINKED_WITH: Final = """
SELECT DISTINCT unnest(others) FROM people WHERE stream_id = ANY (%(streams)s::uuid[]) AND position <= %(upto)s
"""

_STREAMS_OF: Final = with_fragments("""
SELECT unnest(%(streams)s::uuid[])
UNION
SELECT unnest(others) FROM (
    SELECT DISTINCT ON (stream_id) others FROM people
    WHERE stream_id = ANY (%(streams)s::uuid[])
        AND {as_of}
    ORDER BY stream_id, position DESC
) AS known
ORDER BY 1
""")


def same_codes(
    connection: Connection, *, as_of: AsOf = None, at_least: int | None = None
) -> dict[UUID, dict[str, str]]:
    """Return, by stream, the codes of references and requests for which others stand, each with the one code.

    They had others on streams that were joined since, and are the person's own again once somebody parted the streams.
    """
    limits = settled(connection, [PROJECTION], as_of, at_least)
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    for stream, pairs in connection.execute(_SAME_CODES, {**limits}).fetchall():
        own = found[stream]
        for code, into in pairs:
            one, other = own.get(code, code), own.get(into, into)
            if one != other:
                own |= {one: other, **{each: other for each, same in own.items() if same == one}}
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


def ever_linked(connection: Connection, streams: Iterable[UUID], upto: int) -> tuple[UUID, ...]:
    """Return all streams that were ever one person's with these by a position, in ascending order."""
    found = set(streams)
    waiting = list(found)
    while waiting:
        rows = connection.execute(_LINKED_WITH, {"streams": waiting, "upto": upto}).fetchall()
        waiting = [stream for (stream,) in rows if stream not in found]
        found.update(waiting)
    return tuple(sorted(found))


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
