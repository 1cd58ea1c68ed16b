SELECT {coded_row}
FROM unnest(%(streams)b::uuid[], %(after)b::bigint[]) AS asked (stream, after)
JOIN events ON stream_id = asked.stream AND version > asked.after
ORDER BY stream_id, version
