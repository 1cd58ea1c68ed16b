COPY events (
    position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy,
    correlation, causation, data, sealed, key_commitment
) FROM STDIN (FORMAT BINARY)
