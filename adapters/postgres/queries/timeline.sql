-- A page of the coded part of all events on these streams, in order of world time.
SELECT position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy, correlation,
    causation, data::text, NULL::bytea, NULL::bytea
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND position <= %(position)s
    AND (%(time)s::timestamptz IS NULL OR occurred_at <= %(time)s)
ORDER BY occurred_at, position
LIMIT %(limit)s OFFSET %(passed)s
