-- The living streams that names lead to now.
SELECT digest, stream_id
FROM names
WHERE digest = ANY (%(digests)b::bytea[]) AND until = 'infinity' AND stream_id IS NOT NULL
