-- Queues as deliveries what one window of the log holds for a webhook. Events of streams that are linked by the end of
-- the window count as one person's.
INSERT INTO webhook_deliveries (webhook, number, position, stream_id, person, attempts, due_at)
SELECT
    %(webhook)s,
    {delivery_of_event},
    0, %(now)s
FROM events AS event
WHERE {window} AND {for_webhook}
