-- The streams of names, each until when (null: without an end), and the tombstones of names, with the codes of their
-- erasures: after which end of it until when one was that of a person who has been erased, and where the last of them was.
SELECT digest, stream_id, nullif(until, 'infinity'), NULL::uuid, NULL::timestamptz, NULL::bigint
FROM names
WHERE digest = ANY (%(digests)b::bytea[])
UNION ALL
SELECT digest, NULL, until, code, nullif(after_end, '-infinity'), erased_by
FROM tombstones
WHERE digest = ANY (%(digests)b::bytea[])
