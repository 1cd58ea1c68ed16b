-- The streams from one id up to another that have a contact point which something binds, or, where they were opened under
-- no number, that an opt-out under a number reaches.
SELECT DISTINCT point.stream_id
FROM contact_points AS point
WHERE point.stream_id >= %(low)s AND point.stream_id <= %(high)s
    AND (
        point.digest IN (SELECT digest FROM contact_bindings WHERE by_code = '')
        OR point.digest IN (SELECT digest FROM contact_bindings WHERE by_code <> '')
        AND NOT EXISTS (
            SELECT FROM events AS opening
            WHERE opening.stream_id = point.stream_id AND opening.version = 1
                AND opening.data ->> 'opened_as' = 'customer'
        )
    )
