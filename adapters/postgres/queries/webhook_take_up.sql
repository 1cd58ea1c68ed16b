-- Queues as deliveries what one window of the log holds for a webhook. Events of streams that are linked by the end of
-- the window count as one person's.
INSERT INTO webhook_deliveries (webhook, position, stream_id, person, attempts, due_at)
SELECT
    %(webhook)s, event.position, event.stream_id,
    coalesce(
        (
            SELECT (link.data ->> 'person')::uuid FROM events AS link
            WHERE link.stream_id = event.stream_id AND link.{is_joining} AND link.position <= %(upto)s
            ORDER BY link.version DESC
            LIMIT 1
        ),
        event.stream_id
    ),
    0, %(now)s
FROM events AS event
WHERE {window} AND {for_webhook}
