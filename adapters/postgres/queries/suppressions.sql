SELECT digest, owed, since FROM suppressions WHERE digest = ANY (%(digests)b::bytea[]) ORDER BY digest, owed
