-- The streams of names, and until when names were those of people who have been erased.
SELECT digest, stream_id, NULL::timestamptz FROM names WHERE digest = ANY (%(digests)b::bytea[])
UNION ALL
SELECT digest, NULL, until FROM tombstones WHERE digest = ANY (%(digests)b::bytea[])
