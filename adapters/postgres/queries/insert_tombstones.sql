-- Until when the names of streams, the contact points that nobody else has, and these digests were an erased person's.
INSERT INTO tombstones (digest, until, position, erased_by)
SELECT digest, max(until), %(position)s::bigint, %(erased_by)s::bigint
FROM (
    SELECT digest, %(until)s::timestamptz AS until FROM names WHERE stream_id = ANY (%(streams)s::uuid[])
    UNION ALL
    SELECT point.digest, %(until)s
    FROM contact_points AS point
    WHERE point.stream_id = ANY (%(streams)s::uuid[])
    UNION ALL
    SELECT digest, until FROM unnest(%(digests)s::bytea[], %(untils)s::timestamptz[]) AS given (digest, until)
) AS gone
WHERE NOT EXISTS (
    SELECT FROM contact_points AS other
    WHERE other.digest = gone.digest AND other.stream_id <> ALL (%(streams)s::uuid[])
)
GROUP BY digest
ON CONFLICT (digest) DO UPDATE
SET until = greatest(tombstones.until, excluded.until), position = excluded.position,
    erased_by = coalesce(excluded.erased_by, tombstones.erased_by)
