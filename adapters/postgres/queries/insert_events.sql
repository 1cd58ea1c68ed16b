INSERT INTO events (
    position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy,
    correlation, causation, facts, sealed, key_commitment
)
SELECT
    row.position, row.stream_id, row.version, row.topic, row.occurred_at, %(recorded_at)b::timestamptz, row.actor,
    row.source, row.fact_id, row.policy, row.correlation, row.causation, row.facts, row.sealed, row.key_commitment
FROM unnest(
    %(position)b::bigint[], %(stream_id)b::uuid[], %(version)b::bigint[], %(topic)b::text[],
    %(occurred_at)b::timestamptz[], %(actor)b::text[], %(source)b::text[], %(fact_id)b::text[], %(policy)b::text[],
    %(correlation)b::text[], %(causation)b::text[], %(facts)b::jsonb[], %(sealed)b::bytea[], %(key_commitment)b::bytea[]
) AS row (
    position, stream_id, version, topic, occurred_at, actor, source, fact_id, policy,
    correlation, causation, facts, sealed, key_commitment
)
