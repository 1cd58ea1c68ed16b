SELECT {row}
FROM events
WHERE stream_id = ANY (%(streams)b::uuid[])
ORDER BY occurred_at, position
