-- What binds contact points, in order of time, and when they were given up (what is null). Where there is a code it is a
-- tombstone of that erasure: after which end of it until when a contact point was an erased person's.
SELECT digest, what, is_out, occurred_at, position, by_code, coalesce(annuls, 0), coalesce(source, 0), since,
    coalesce(code::text, ''), NULL::timestamptz, NULL::uuid
FROM contact_bindings
WHERE digest = ANY (%(digests)s::bytea[])
UNION ALL
SELECT digest, NULL, NULL, until, 0, NULL, 0, 0, NULL, '', nullif(after_end, '-infinity'), code
FROM tombstones
WHERE digest = ANY (%(digests)s::bytea[]) AND NOT is_held
ORDER BY occurred_at, position, is_out
