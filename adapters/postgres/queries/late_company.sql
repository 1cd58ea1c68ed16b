-- Whether the company told something, after a position, that had happened before anything told earlier.
SELECT EXISTS (
    SELECT FROM events AS told
    WHERE told.stream_id = %(company)s AND told.{after} AND told.position <= %(position)s
        AND EXISTS (
            SELECT FROM events AS earlier
            WHERE earlier.position < told.position AND earlier.occurred_at > told.occurred_at
        )
)
