SELECT digest, owed, since, nullif(after_end, '-infinity')
FROM suppressions
WHERE digest = ANY (%(digests)b::bytea[])
ORDER BY digest, owed
