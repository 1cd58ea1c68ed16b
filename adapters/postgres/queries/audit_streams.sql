-- The coded part of all events on these streams, in the order of each.
SELECT position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy, correlation,
    causation, data::text, NULL::bytea, NULL::bytea
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[]) AND position <= %(position)s
    AND (%(time)s::timestamptz IS NULL OR occurred_at <= %(time)s)
ORDER BY stream_id, version
