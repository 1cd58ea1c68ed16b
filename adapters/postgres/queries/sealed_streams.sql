-- All events on these streams, with their seals, in the order of each stream.
SELECT {row}
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[]) AND {as_of}
ORDER BY stream_id, version
