-- How many times the Sec-GPC of a browser is on record, and its last value.
SELECT count(*), (array_agg(event.data ->> 'value' ORDER BY event.position DESC))[1]
FROM visitor_names AS name
JOIN events AS event ON event.stream_id = name.stream_id
WHERE name.digest = %(digest)b::bytea
    AND event.topic = 'SignalReceived.v1'
    AND event.data ->> 'signal' = 'gpc'
