-- What binds contact points and was passed on from one of these events.
SELECT digest, what, occurred_at, position, source, coalesce(code::text, '')
FROM contact_bindings
WHERE is_out AND annuls IS NULL AND source = ANY (%(sources)b::bigint[])
