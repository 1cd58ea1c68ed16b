-- All that people ordered or were given, whole, so that its reference can be opened.
SELECT position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy, correlation,
    causation, data::text, sealed, key_commitment
FROM events
WHERE topic = 'DataCollected.v1' AND position <= %(position)s AND data ->> 'act' IN ('order', 'gift')
ORDER BY position
