"""The persons about whom some categories of data were held at a time.

A person's id is the smallest id of their streams, as far as is known now. A category counts as held from the collection
or correction that brought it, even after another value replaced it; it does not count if it was withheld, or declared
wrong or deleted by that time. A question for a category covers the broader and the narrower ones. People who were
erased since are counted from the coded data in the log, and not named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from projections.as_of import bounds
from projections.at_least import settled
from projections.fragments import with_fragments
from projections.holding_history import READS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from projections.projection import Connection

# A broad category and a narrower one meet; no category asks for all.
_WANTED: Final = """(
        cardinality(%(categories)s::text[]) = 0
        OR EXISTS (
            SELECT 1 FROM unnest(%(categories)s::text[]) AS wanted
            WHERE starts_with(category || '.', wanted || '.') OR starts_with(wanted || '.', category || '.')
        )
    )"""

_HELD: Final = with_fragments(
    """
WITH {persons},
change AS (
    SELECT
        coalesce(persons.person_id, holdings.stream_id) AS person,
        what, categories, withheld, entry, fact, occurred_at, position, deleted_from
    FROM holdings
    LEFT JOIN persons ON persons.stream_id = holdings.stream_id
    WHERE occurred_at <= %(at)s
),
wrong AS (
    SELECT DISTINCT person, entry AS fact FROM change WHERE entry IS NOT NULL
),
{gone}
SELECT person, array_agg(DISTINCT category ORDER BY category), min(occurred_at)
FROM change
CROSS JOIN LATERAL jsonb_array_elements_text(categories) AS category (category)
LEFT JOIN wrong USING (person, fact)
WHERE NOT withheld
    AND deleted_from IS NULL
    AND wrong.fact IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM gone WHERE gone.position = change.position AND gone.category = category.category
    )
    AND {wanted}
GROUP BY person
ORDER BY person
""",
    wanted=_WANTED,
)

_ERASED: Final = with_fragments(
    """
SELECT DISTINCT coalesce(
    (
        SELECT link.data ->> 'person' FROM events AS link
        WHERE link.{is_joining} AND link.stream_id = event.stream_id
        ORDER BY link.version DESC LIMIT 1
    ),
    event.stream_id::text
)
FROM events AS erased
JOIN events AS event ON event.stream_id = erased.stream_id
CROSS JOIN LATERAL jsonb_array_elements_text(
    CASE event.topic
        WHEN 'DataCollected.v1' THEN event.data -> 'categories'
        ELSE '[]'::jsonb || (event.data -> 'category')
    END
) AS category (category)
WHERE erased.{is_erasure}
    AND erased.occurred_at > %(at)s
    AND event.topic IN ('DataCollected.v1', 'DataCorrected.v1')
    AND event.occurred_at <= %(at)s
    AND (event.data ->> 'withheld') IS DISTINCT FROM 'true'
    AND NOT EXISTS (
        SELECT 1 FROM events AS wrong
        WHERE wrong.topic = 'EntryCorrected.v1'
            AND wrong.stream_id = event.stream_id
            AND (wrong.data ->> 'entry')::bigint = event.position - event.part
            AND wrong.occurred_at <= %(at)s
    )
    AND NOT EXISTS (
        SELECT 1 FROM events AS deletion
        CROSS JOIN LATERAL ROWS FROM (
            jsonb_array_elements_text(deletion.data -> 'gone_from'), jsonb_array_elements_text(deletion.data -> 'gone')
        ) AS one (place, name)
        WHERE deletion.topic IN ('DataDeleted.v1', 'DataAnonymised.v1')
            AND deletion.stream_id = event.stream_id
            AND deletion.occurred_at <= %(at)s
            AND one.name = category.category
            AND event.position = one.place::bigint + CASE WHEN one.place::bigint > 0 THEN 0 ELSE deletion.position END
    )
    AND {wanted}
""",
    wanted=_WANTED,
)


class Holder(NamedTuple):
    """A person with the categories that were held, and the time since when any of them was."""

    person: UUID
    categories: tuple[str, ...]
    since: datetime


def held_by(
    connection: Connection, categories: Sequence[str], at: datetime, *, at_least: int | None = None
) -> list[Holder]:
    """Return the persons about whom any of these categories was held at a time, by id; no category asks for all."""
    settled(connection, READS, at, at_least)
    everybody = bounds(None)
    rows = connection.execute(_HELD, {"categories": list(categories), "at": at, **everybody}).fetchall()
    return [Holder(person, tuple(held), since) for person, held, since in rows]


def erased_since(connection: Connection, categories: Sequence[str], at: datetime) -> set[str]:
    """Return the ids of the people who were erased after a time at which any of these categories was held."""
    rows = connection.execute(_ERASED, {"categories": list(categories), "at": at}).fetchall()
    return {person for (person,) in rows}
