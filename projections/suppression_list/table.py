"""The table of the suppression list: what puts a person on it, and what may lift that."""

from __future__ import annotations

from typing import Final

from domain.suppressed import Age
from projections import holding_history, people
from projections.projection import Projection

UNDER_AGE: Final = Age.UNDER_13.value

PROJECTION: Final = Projection(
    name="suppression_list",
    tables="""
CREATE TABLE IF NOT EXISTS {table} (
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    suppressed text NOT NULL,
    lifts boolean NOT NULL,
    because_of text NOT NULL,
    relies_on bigint[] NOT NULL,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (stream_id, position),
    UNIQUE (position)
)
""",
    statement="""
INSERT INTO {table} (position, stream_id, suppressed, lifts, because_of, relies_on, occurred_at)
SELECT
    event.position,
    event.stream_id,
    coalesce(
        event.data ->> 'program', 'objection:' || (event.data ->> 'purpose'), 'under_' || (event.data ->> 'under')
    ),
    event.topic = 'CustomerEnrolled.v1',
    CASE event.topic
        WHEN 'CustomerEnrolled.v1' THEN event.data ->> 'cause'
        WHEN 'CustomerOptedOut.v1' THEN event.data ->> 'via'
        WHEN 'ObjectionRaised.v1' THEN 'objection'
        WHEN 'AgeLearned.v1' THEN 'age_learned'
        ELSE 'suppression_list'
    END,
    {relied},
    event.occurred_at
FROM events AS event
WHERE {window}
    AND event.topic IN (
        'CustomerEnrolled.v1', 'CustomerOptedOut.v1', 'ObjectionRaised.v1', 'SuppressionRecalled.v1', 'AgeLearned.v1'
    )
    AND (
        event.topic <> 'CustomerEnrolled.v1'
        OR (
            event.data ? 'relies_on'
            AND NOT EXISTS (
                SELECT 1 FROM {each_finding}
                WHERE {not_excused}
            )
        )
    )
    AND {not_erased}
""",
)

READS: Final = (people.PROJECTION, holding_history.PROJECTION, PROJECTION)
"""The read models that answer its questions."""
