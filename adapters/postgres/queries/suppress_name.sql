INSERT INTO suppressions (digest, owed, since, after_end)
VALUES (
    %(digest)s, %(owed)s, %(since)s,
    coalesce((SELECT max(until) FROM names WHERE digest = %(digest)s AND until <> 'infinity'), '-infinity')
)
ON CONFLICT (digest, after_end, owed) DO NOTHING
