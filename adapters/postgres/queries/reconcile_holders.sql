-- The streams on whose records contact points stand. What a message only went to, or an opt-out only names, stands on
-- none: no event gives it.
SELECT digest, stream_id
FROM contact_points
WHERE digest = ANY (%(digests)b::bytea[]) AND position <= %(position)s
    AND EXISTS (
        SELECT 1 FROM events
        WHERE events.stream_id = contact_points.stream_id
            AND events.position <= %(position)s
            AND data -> 'contacts' @> to_jsonb(contact_points.ordinal)
    )
ORDER BY position
