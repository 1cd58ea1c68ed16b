SELECT position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy,
    correlation, causation, data::text, sealed, key_commitment
FROM events
WHERE position >= %(start)s::bigint
    AND (%(stop)s::bigint IS NULL OR position <= %(stop)s::bigint)
    AND (%(topics)s::text[] IS NULL OR topic = ANY (%(topics)s::text[]))
ORDER BY position
LIMIT %(limit)s::bigint
