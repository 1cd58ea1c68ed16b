SELECT finding ->> 'promise', count(DISTINCT events.position)
FROM events, jsonb_array_elements(events.data -> 'findings') AS finding
WHERE events.data ? 'findings' AND NOT coalesce((finding ->> 'excused')::boolean, false)
GROUP BY 1
ORDER BY 1
