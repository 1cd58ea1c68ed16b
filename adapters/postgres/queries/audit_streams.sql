-- The coded part of all events on these streams, in the order of each stream.
SELECT {coded_row}
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[]) AND {as_of_facts}
ORDER BY stream_id, version
