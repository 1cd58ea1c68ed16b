-- The coded part of the erasures of these streams, however late they came: all that is left of their contact points.
SELECT {coded_row}
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[]) AND {is_erasure}
