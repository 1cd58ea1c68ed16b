INSERT INTO suppressions (digest, owed, since)
SELECT names.digest, debt.owed, debt.since
FROM names, unnest(%(owed)b::text[], %(since)b::timestamptz[]) AS debt (owed, since)
WHERE names.stream_id = ANY (%(streams)b::uuid[])
