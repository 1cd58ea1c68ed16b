SELECT events.position, events.stream_id, events.version, events.topic, events.occurred_at, events.recorded_at,
    events.actor, events.source, events.fact_id, events.policy, events.correlation, events.causation,
    events.data::text, NULL::bytea, NULL::bytea
FROM unnest(%(streams)b::uuid[], %(after)b::bigint[]) AS asked (stream_id, after)
JOIN events ON events.stream_id = asked.stream_id AND events.version > asked.after
ORDER BY events.stream_id, events.version
