-- What the names of erased streams are owed; those that were given up before are owed what was owed then.
INSERT INTO suppressions (digest, owed, since, after_end)
SELECT
    names.digest, debt.owed, debt.since,
    coalesce(
        (SELECT max(ended.until) FROM names AS ended WHERE ended.digest = names.digest AND ended.until <> 'infinity'),
        '-infinity'
    )
FROM names, unnest(%(owed)b::text[], %(since)b::timestamptz[]) AS debt (owed, since)
WHERE names.stream_id = ANY (%(streams)b::uuid[]) AND names.until = 'infinity'
