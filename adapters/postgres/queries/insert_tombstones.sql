-- Until when the names of streams, and these names and contact points, were an erased person's, each after which end of it.
INSERT INTO tombstones (digest, after_end, code, until, is_contact, is_held, has_number, position, erased_by)
SELECT digest, after_end, code, max(until), is_contact, is_held, has_number, %(position)s::bigint, %(erased_by)s::bigint
FROM (
    SELECT names.digest, least(%(until)s::timestamptz, names.until) AS until,
        coalesce(
            (SELECT max(ended.until) FROM names AS ended WHERE ended.digest = names.digest AND ended.until < names.until),
            '-infinity'
        ) AS after_end,
        %(code)s::uuid AS code, false AS is_contact, false AS is_held, false AS has_number
    FROM names
    WHERE stream_id = ANY (%(streams)s::uuid[])
    UNION ALL
    SELECT digest, until, coalesce(after_end, '-infinity'), code, is_contact, is_held, has_number
    FROM unnest(
        %(digests)s::bytea[], %(untils)s::timestamptz[], %(after_ends)s::timestamptz[], %(codes)s::uuid[],
        %(are_contacts)s::boolean[], %(are_held)s::boolean[], %(have_numbers)s::boolean[]
    ) AS given (digest, until, after_end, code, is_contact, is_held, has_number)
) AS gone
GROUP BY digest, after_end, code, is_contact, is_held, has_number
ON CONFLICT (digest, after_end, code) DO UPDATE
SET until = greatest(tombstones.until, excluded.until), position = excluded.position,
    erased_by = coalesce(excluded.erased_by, tombstones.erased_by)
