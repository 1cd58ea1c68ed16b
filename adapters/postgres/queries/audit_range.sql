-- The coded part of all events on streams from one id up to another, in the order of each stream.
SELECT position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy, correlation,
    causation, facts::text, NULL::bytea, NULL::bytea
FROM events
WHERE stream_id >= %(low)s AND stream_id <= %(high)s AND position <= %(position)s
    AND (%(time)s::timestamptz IS NULL OR occurred_at <= %(time)s)
ORDER BY stream_id, version
