SELECT (SELECT size FROM head), count(*), coalesce(max(position), 0),
    (SELECT count(*) FROM (SELECT 1 FROM events GROUP BY stream_id HAVING max(version) <> count(*)) AS gap)
FROM events
