-- What binds contact points, in order of time.
SELECT digest, program, is_out, occurred_at, position
FROM contact_bindings
WHERE digest = ANY (%(digests)s::bytea[])
ORDER BY occurred_at, position
