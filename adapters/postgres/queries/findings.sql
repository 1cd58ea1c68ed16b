SELECT events.position, events.source || ' ' || events.fact_id, events.topic, events.occurred_at,
    finding ->> 'promise', finding ->> 'code'
FROM events, jsonb_array_elements(events.facts -> 'findings') AS finding
WHERE events.facts ? 'findings' AND NOT coalesce((finding ->> 'excused')::boolean, false)
ORDER BY events.position
