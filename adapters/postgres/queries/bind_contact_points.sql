-- What an erased person is owed goes on binding those of their contact points that nobody else has. For those that were
-- ever given up the batch says what binds them.
INSERT INTO contact_bindings (digest, what, is_out, occurred_at, position, by_code)
SELECT DISTINCT point.digest, owed.what, true, owed.since, %(position)s::bigint, ''
FROM contact_points AS point
CROSS JOIN unnest(%(owed)s::text[], %(since)s::timestamptz[]) AS owed (what, since)
WHERE point.stream_id = ANY (%(streams)s::uuid[])
    AND owed.what <> 'under_13'
    AND NOT EXISTS (
        SELECT FROM contact_bindings AS ended WHERE ended.digest = point.digest AND ended.what IS NULL
    )
    AND NOT EXISTS (
        SELECT FROM contact_points AS other
        WHERE other.digest = point.digest AND other.stream_id <> ALL (%(streams)s::uuid[])
    )
