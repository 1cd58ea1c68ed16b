-- Until when the names of streams, the contact points that nobody else has, and these digests were an erased person's,
-- each after which end of it. A contact point that was ever given up is among the digests, where it is anything.
INSERT INTO tombstones (digest, after_end, until, position, erased_by)
SELECT digest, after_end, max(until), %(position)s::bigint, %(erased_by)s::bigint
FROM (
    SELECT names.digest, least(%(until)s::timestamptz, names.until) AS until,
        coalesce(
            (SELECT max(ended.until) FROM names AS ended WHERE ended.digest = names.digest AND ended.until < names.until),
            '-infinity'
        ) AS after_end
    FROM names
    WHERE stream_id = ANY (%(streams)s::uuid[])
    UNION ALL
    SELECT point.digest, %(until)s, '-infinity'
    FROM contact_points AS point
    WHERE point.stream_id = ANY (%(streams)s::uuid[])
        AND NOT EXISTS (
            SELECT FROM contact_points AS other
            WHERE other.digest = point.digest AND other.stream_id <> ALL (%(streams)s::uuid[])
        )
        AND NOT EXISTS (
            SELECT FROM contact_bindings AS ended WHERE ended.digest = point.digest AND ended.what IS NULL
        )
    UNION ALL
    SELECT digest, until, coalesce(after_end, '-infinity')
    FROM unnest(
        %(digests)s::bytea[], %(untils)s::timestamptz[], %(after_ends)s::timestamptz[], %(are_living)s::boolean[]
    ) AS given (digest, until, after_end, is_living)
    WHERE is_living OR NOT EXISTS (
        SELECT FROM contact_points AS other
        WHERE other.digest = given.digest AND other.stream_id <> ALL (%(streams)s::uuid[])
    )
) AS gone
GROUP BY digest, after_end
ON CONFLICT (digest, after_end) DO UPDATE
SET until = greatest(tombstones.until, excluded.until), position = excluded.position,
    erased_by = coalesce(excluded.erased_by, tombstones.erased_by)
