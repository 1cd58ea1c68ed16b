SELECT span.last, events.position, events.stream_id, events.version, events.topic, events.occurred_at,
    events.recorded_at, events.actor, events.source, events.fact_id, events.policy, events.correlation,
    events.causation, events.data::text, NULL::bytea, NULL::bytea
FROM unnest(%(after)b::bigint[], %(last)b::bigint[]) AS span (after, last)
JOIN events ON events.position > span.after AND events.position <= span.last
WHERE events.data ?| ARRAY['findings', 'because']
