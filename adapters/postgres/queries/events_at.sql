-- The events at these positions, each with the wrapped key of its stream, if that is there.
SELECT {row}, (SELECT wrapped FROM stream_keys WHERE stream_keys.stream_id = events.stream_id)
FROM events
WHERE position = ANY (%(positions)s::bigint[])
