-- What binds contact points, in order of time, and when they were given up (what is null). Where is_out is null it is a
-- tombstone: after which end of it until when a contact point was an erased person's.
SELECT digest, what, is_out, occurred_at, position, by_code, NULL::timestamptz, coalesce(annuls, 0),
    coalesce(source, 0)
FROM contact_bindings
WHERE digest = ANY (%(digests)s::bytea[])
UNION ALL
SELECT digest, NULL, NULL, until, 0, NULL, nullif(after_end, '-infinity'), 0, 0
FROM tombstones
WHERE digest = ANY (%(digests)s::bytea[])
ORDER BY occurred_at, position, is_out
