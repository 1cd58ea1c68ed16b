SELECT position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy,
    correlation, causation, data::text, sealed, key_commitment
FROM events
WHERE stream_id = %(stream)s::uuid
    AND version > coalesce(%(gt)s::bigint, -9223372036854775808)
    AND version <= coalesce(%(lte)s::bigint, 9223372036854775807)
ORDER BY version DESC
LIMIT %(limit)s::bigint
