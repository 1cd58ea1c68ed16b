-- The codes of the erasures after which their person came back: tombstones of the names that lead to these streams, or of
-- these digests, each after the same end.
SELECT DISTINCT tombstones.code
FROM (
    SELECT names.digest, coalesce(
        (SELECT max(ended.until) FROM names AS ended WHERE ended.digest = names.digest AND ended.until < names.until),
        '-infinity'
    ) AS after_end
    FROM names
    WHERE names.stream_id = ANY (%(streams)s::uuid[])
    UNION ALL
    SELECT planned.digest, coalesce(planned.after_end, '-infinity')
    FROM unnest(%(digests)s::bytea[], %(after_ends)s::timestamptz[]) AS planned (digest, after_end)
) AS led
JOIN tombstones ON tombstones.digest = led.digest AND tombstones.after_end = led.after_end
WHERE NOT tombstones.is_contact AND NOT tombstones.is_typed
