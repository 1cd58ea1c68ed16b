-- The streams that have a contact point of which something was told after a position, that it is bound or no longer, and
-- of which something had been told that happened later.
SELECT DISTINCT point.stream_id
FROM contact_points AS point
JOIN contact_bindings AS binding ON binding.digest = point.digest
WHERE binding.{after} AND binding.position <= %(position)s
    AND EXISTS (
        SELECT FROM events AS earlier
        WHERE earlier.stream_id = point.stream_id AND earlier.position < binding.position
            AND earlier.occurred_at >= binding.occurred_at
    )
