-- The values on these streams that are still there: of each event the categories, in order, and the keys that are left.
SELECT stream_id, position, coalesce(data -> 'categories', '[]'::jsonb || (data -> 'category')), wrapped
FROM events
JOIN value_keys USING (position)
WHERE stream_id = ANY (%(streams)s::uuid[]) AND data ?| ARRAY['categories', 'category']
ORDER BY position
