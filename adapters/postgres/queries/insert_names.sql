INSERT INTO names (digest, stream_id) SELECT * FROM unnest(%(digest)b::bytea[], %(stream_id)b::uuid[])
