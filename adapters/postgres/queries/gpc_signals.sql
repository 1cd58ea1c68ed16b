-- How many times the Sec-GPC of a browser is on record, and its last value that nobody corrected as a wrong entry.
SELECT count(*), (array_agg(event.data ->> 'value' ORDER BY event.position DESC) FILTER (WHERE NOT EXISTS (
    SELECT 1
    FROM events AS wrong
    WHERE wrong.stream_id = event.stream_id
        AND wrong.topic = 'VisitorEntryCorrected.v1'
        -- What an event names of its own fact is stored counted back from it.
        AND event.position = (wrong.data ->> 'entry')::bigint
            + CASE WHEN (wrong.data ->> 'entry')::bigint > 0 THEN 0 ELSE wrong.position END
)))[1]
FROM visitor_names AS name
JOIN events AS event ON event.stream_id = name.stream_id
WHERE name.digest = %(digest)b::bytea
    AND event.topic = 'SignalReceived.v1'
    AND event.data ->> 'signal' = 'gpc'
