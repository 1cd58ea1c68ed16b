-- What a name of an erased person is owed after an end of it, since the earliest time that was told; who has the name now
-- is told so.
INSERT INTO suppressions (digest, owed, since, after_end, source, ended, said)
VALUES (
    %(digest)s, %(owed)s, %(since)s, coalesce(%(after_end)s::timestamptz, '-infinity'), %(source)s, %(ended)s, %(said)s
)
ON CONFLICT (digest, after_end, owed) DO UPDATE
SET since = least(suppressions.since, excluded.since), source = excluded.source, ended = excluded.ended, said = excluded.said
