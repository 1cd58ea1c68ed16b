"""What was annulled or corrected as a wrong entry, and when: statements that are asked for some streams."""

from __future__ import annotations

from typing import Final

from projections.fragments import with_fragments

# The opt-outs, objections and ages that an officer annulled, here or where they come from.
ANNULLED: Final = with_fragments(
    """
WITH annulment AS (
    SELECT {entry} AS entry, occurred_at, position
    FROM events
    CROSS JOIN LATERAL (SELECT (data ->> 'entry')::bigint AS place) AS named
    WHERE stream_id = ANY (%(streams)s::uuid[])
        AND topic = 'EntryCorrected.v1'
        AND data ?& ARRAY['entry', 'by_officer']
        AND {as_of}
)
SELECT told.position, annulment.occurred_at, annulment.position
FROM annulment
JOIN events AS told ON told.position - told.part = annulment.entry
WHERE told.stream_id = ANY (%(streams)s::uuid[])
    AND told.topic IN ('CustomerOptedOut.v1', 'ObjectionRaised.v1', 'AgeLearned.v1')
    AND NOT told.data ? 'follows'
UNION ALL
SELECT {entry}, occurred_at, position
FROM events
CROSS JOIN LATERAL (SELECT place::bigint FROM jsonb_array_elements_text(data -> 'recalled') AS place) AS named
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND topic = 'SuppressionEnded.v1'
    AND {as_of}
""",
    # What an event names of its own fact is stored counted back from it.
    entry="CASE WHEN named.place > 0 THEN named.place ELSE position + named.place END",
)

# Facts that were corrected as wrong entries. A correction that waited for its entry counts from its own place on.
CORRECTED: Final = with_fragments(
    """
SELECT {entry}, occurred_at, {told}
FROM events
CROSS JOIN LATERAL (SELECT (data ->> 'entry')::bigint AS place, (data ->> 'waited')::bigint AS waited) AS named
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND topic = 'EntryCorrected.v1'
    AND data ? 'entry'
    AND {as_of}
""",
    entry="CASE WHEN named.place > 0 THEN named.place ELSE position + named.place END",
    told="""CASE WHEN named.waited IS NULL THEN position
        WHEN named.waited > 0 THEN named.waited
        ELSE position + named.waited END""",
)

# The events that are not the first ones of their facts, of facts that were corrected.
PARTS: Final = """
SELECT position, position - part FROM events
WHERE stream_id = ANY (%(streams)s::uuid[]) AND part > 0 AND position - part = ANY (%(facts)s::bigint[])
"""
