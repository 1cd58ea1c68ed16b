SELECT finding ->> 'promise', count(DISTINCT events.position)
FROM events, jsonb_array_elements(events.facts -> 'findings') AS finding
WHERE events.facts ? 'findings' AND NOT coalesce((finding ->> 'excused')::boolean, false)
GROUP BY 1
ORDER BY 1
