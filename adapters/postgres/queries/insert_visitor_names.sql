INSERT INTO visitor_names (digest, stream_id) SELECT * FROM unnest(%(digest)b::bytea[], %(stream_id)b::uuid[])
