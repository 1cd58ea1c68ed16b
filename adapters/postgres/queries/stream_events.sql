SELECT position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy,
    correlation, causation, data::text, sealed, key_commitment
FROM events
WHERE stream_id = ANY (%(streams)b::uuid[])
ORDER BY occurred_at, position
