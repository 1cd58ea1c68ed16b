-- What the log holds for a webhook after one position up to another, as deliveries. Events of streams that are one
-- person's by the second position count as one person's. A return of somebody under age is no opt-out.
INSERT INTO webhook_deliveries (webhook, position, stream_id, person, attempts, due_at)
SELECT
    %(webhook)s, event.position, event.stream_id,
    coalesce(
        (
            SELECT (link.data ->> 'person')::uuid FROM events AS link
            WHERE link.stream_id = event.stream_id AND link.topic = 'CustomersLinked.v1' AND link.position <= %(upto)s
            ORDER BY link.version DESC
            LIMIT 1
        ),
        event.stream_id
    ),
    0, %(now)s
FROM events AS event
WHERE event.topic = ANY (%(topics)s::text[])
    AND event.topic <> ALL (ARRAY['DataCollected.v1', 'DataUsed.v1', 'DataShared.v1', 'MessageSent.v1'])
    AND event.position > %(after)s
    AND event.position <= %(upto)s
    AND (event.topic <> 'SuppressionRecalled.v1' OR event.data ? 'program')
