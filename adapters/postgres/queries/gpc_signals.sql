-- How many times a browser's Sec-GPC is on record, and what it was the last time.
SELECT count(*), (array_agg(event.data ->> 'value' ORDER BY event.position DESC))[1]
FROM visitor_names AS name
JOIN events AS event ON event.stream_id = name.stream_id
WHERE name.digest = %(digest)b::bytea
    AND event.topic = 'SignalReceived.v1'
    AND event.data ->> 'signal' = 'gpc'
