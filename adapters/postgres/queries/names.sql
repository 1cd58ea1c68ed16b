-- The streams of names; until when names were those of people who have been erased, and where the last of them was.
SELECT digest, stream_id, NULL::timestamptz, NULL::bigint FROM names WHERE digest = ANY (%(digests)b::bytea[])
UNION ALL
SELECT digest, NULL, until, erased_by FROM tombstones WHERE digest = ANY (%(digests)b::bytea[])
