SELECT digest, owed, since, nullif(after_end, '-infinity'), coalesce(source, 0), ended, said
FROM suppressions
WHERE digest = ANY (%(digests)b::bytea[])
ORDER BY digest, owed
