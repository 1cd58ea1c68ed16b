-- The streams of which something was told after a position, and that were ever linked to others.
SELECT DISTINCT event.stream_id
FROM events AS event
WHERE event.{after} AND event.position <= %(position)s
    AND EXISTS (
        SELECT FROM events AS link
        WHERE link.stream_id = event.stream_id AND link.{is_joining} AND link.position <= %(position)s
    )
