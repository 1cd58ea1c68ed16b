-- Until when the names of streams, and these names and contact points, were an erased person's, each after which end of it.
INSERT INTO tombstones (
    digest, after_end, code, until, is_contact, is_held, by_code, named, is_typed, position, erased_by
)
SELECT digest, after_end, code, max(until), is_contact, is_held, by_code,
    CASE WHEN bool_and(is_typed) THEN max(named) ELSE min(named) END, bool_and(is_typed),
    %(position)s::bigint, %(erased_by)s::bigint
FROM (
    SELECT names.digest, least(%(until)s::timestamptz, names.until) AS until,
        coalesce(
            (SELECT max(ended.until) FROM names AS ended WHERE ended.digest = names.digest AND ended.until < names.until),
            '-infinity'
        ) AS after_end,
        %(code)s::uuid AS code, false AS is_contact, false AS is_held, '' AS by_code,
        NULL::timestamptz AS named, false AS is_typed
    FROM names
    WHERE stream_id = ANY (%(streams)s::uuid[])
    UNION ALL
    SELECT digest, until, coalesce(after_end, '-infinity'), code, is_contact, is_held, by_code, named, is_typed
    FROM unnest(
        %(digests)s::bytea[], %(untils)s::timestamptz[], %(after_ends)s::timestamptz[], %(codes)s::uuid[],
        %(are_contacts)s::boolean[], %(are_held)s::boolean[], %(by_codes)s::text[], %(named)s::timestamptz[],
        %(are_typed)s::boolean[]
    ) AS given (digest, until, after_end, code, is_contact, is_held, by_code, named, is_typed)
) AS gone
GROUP BY digest, after_end, code, is_contact, is_held, by_code
ON CONFLICT (digest, after_end, code) DO UPDATE
SET until = greatest(tombstones.until, excluded.until), position = excluded.position,
    named = CASE WHEN tombstones.is_typed THEN greatest(tombstones.named, excluded.named) ELSE tombstones.named END,
    erased_by = coalesce(excluded.erased_by, tombstones.erased_by)
