-- What a name of an erased person is owed, since the earliest time that was told; whoever has the name now is told so.
INSERT INTO suppressions (digest, owed, since)
SELECT %(digest)s, %(owed)s, %(since)s
WHERE NOT EXISTS (SELECT FROM names WHERE digest = %(digest)s)
ON CONFLICT (digest, owed) DO UPDATE SET since = least(suppressions.since, excluded.since)
