INSERT INTO stream_keys (stream_id, key_id, wrapped)
SELECT row.stream_id, %(key_id)b::text, row.wrapped
FROM unnest(%(stream_id)b::uuid[], %(wrapped)b::bytea[]) AS row (stream_id, wrapped)
