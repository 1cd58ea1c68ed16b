"""What protects somebody and was annulled: when that was, as a statement that is asked for some streams."""

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
