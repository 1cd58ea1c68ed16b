SELECT digest, stream_id FROM visitor_names WHERE digest = ANY (%(digests)b::bytea[])
