-- The streams on which something was told, after a position, that had happened before something told earlier.
SELECT DISTINCT stream_id
FROM (
    SELECT
        stream_id, position, occurred_at,
        max(occurred_at) OVER (
            PARTITION BY stream_id ORDER BY version ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS latest
    FROM events
    WHERE position <= %(position)s
        AND stream_id IN (SELECT stream_id FROM events WHERE {after} AND position <= %(position)s)
) AS told
WHERE {after} AND occurred_at < latest
