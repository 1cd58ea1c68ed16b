SELECT events.position, events.source || ' ' || events.fact_id, events.topic, events.occurred_at,
    finding ->> 'promise', finding ->> 'code'
FROM events, jsonb_array_elements(events.data -> 'findings') AS finding
WHERE events.data ? 'findings' AND NOT coalesce((finding ->> 'excused')::boolean, false)
ORDER BY events.position
