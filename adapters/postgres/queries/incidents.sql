-- What is on record about incidents, with its seal, so that their names can be opened, and what corrected each of them.
SELECT event.position, (
    SELECT min(wrong.position)
    FROM events AS wrong
    WHERE wrong.topic = 'CompanyEntryCorrected.v1'
        -- What an event names of its own fact is stored counted back from it.
        AND event.position = (wrong.data ->> 'entry')::bigint
            + CASE WHEN (wrong.data ->> 'entry')::bigint > 0 THEN 0 ELSE wrong.position END
)
FROM events AS event
WHERE event.topic = 'IncidentRecorded.v1'
ORDER BY event.occurred_at, event.position
