SELECT position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy,
    correlation, causation, data::text, sealed, key_commitment
FROM events
WHERE sealed IS NOT NULL
ORDER BY position DESC
LIMIT %(limit)s
