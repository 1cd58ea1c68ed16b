-- What binds contact points, in order of time; without a program, until when one was an erased person's.
SELECT digest, program, is_out, occurred_at, position, by_code
FROM contact_bindings
WHERE digest = ANY (%(digests)s::bytea[])
UNION ALL
SELECT digest, NULL, NULL, until, 0, NULL
FROM tombstones
WHERE digest = ANY (%(digests)s::bytea[])
ORDER BY occurred_at, position, is_out
