-- The links that were proposed and not made, on streams that were not erased: where the same name was proposed for a
-- stream several times, the first and the last event, and how many there are. Those that somebody rejected are left out.
SELECT min(position), max(position), count(*)
FROM events AS event
WHERE topic = 'LinkProposed.v1'
    AND {not_erased}
    AND NOT EXISTS (
        SELECT 1 FROM events AS rejected
        WHERE rejected.topic = 'LinkRejected.v1'
            AND rejected.stream_id = event.stream_id
            AND rejected.data ->> 'name_code' = event.data ->> 'name_code'
    )
GROUP BY stream_id, data ->> 'name_code'
ORDER BY 1
