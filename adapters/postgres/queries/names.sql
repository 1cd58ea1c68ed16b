SELECT digest, stream_id FROM names WHERE digest = ANY (%(digests)b::bytea[])
