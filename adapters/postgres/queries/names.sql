-- The streams of names, each until when (null: without an end), and the tombstones of names, with the codes of their
-- erasures: after which end of it until when one was that of a person who has been erased, where the last of them was,
-- whether only a contact point of theirs says so, and since when it was named.
SELECT digest, stream_id, nullif(until, 'infinity'), NULL::uuid, NULL::timestamptz, NULL::bigint, NULL::boolean,
    NULL::timestamptz
FROM names
WHERE digest = ANY (%(digests)b::bytea[])
UNION ALL
SELECT digest, NULL, until, code, nullif(after_end, '-infinity'), erased_by, is_typed, named
FROM tombstones
WHERE digest = ANY (%(digests)b::bytea[])
