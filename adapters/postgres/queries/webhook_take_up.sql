-- Queues as deliveries what one window of the log holds for a webhook. Events of streams that are linked by the end of
-- the window count as one person's.
INSERT INTO webhook_deliveries (webhook, number, position, stream_id, person, attempts, due_at)
SELECT
    %(webhook)s,
    coalesce((SELECT max(queued.number) FROM webhook_deliveries AS queued WHERE queued.webhook = %(webhook)s), 0)
        + row_number() OVER (ORDER BY event.position),
    event.position, event.stream_id,
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
