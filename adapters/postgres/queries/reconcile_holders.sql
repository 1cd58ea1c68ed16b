-- The streams on whose records contact points stand, and until when: null, unless it was given up since it was given
-- last. What a message only went to, or an opt-out only names, stands on none: no event gives it.
SELECT point.digest, point.stream_id, min(ended.occurred_at)
FROM contact_points AS point
CROSS JOIN LATERAL (
    SELECT max(events.occurred_at) AS last
    FROM events
    WHERE events.stream_id = point.stream_id
        AND events.position <= %(position)s
        AND data -> 'contacts' @> to_jsonb(point.ordinal)
) AS given
LEFT JOIN contact_bindings AS ended
    ON ended.digest = point.digest AND ended.what IS NULL
    AND ended.position <= %(position)s AND ended.occurred_at >= given.last
WHERE point.digest = ANY (%(digests)s::bytea[]) AND point.position <= %(position)s AND given.last IS NOT NULL
GROUP BY point.digest, point.stream_id, point.position
ORDER BY point.position
