-- A page of the positions of all events on these streams, in order of world time.
SELECT position
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY occurred_at, position
LIMIT %(limit)s OFFSET %(passed)s
