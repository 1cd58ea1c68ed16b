-- The deliveries to attempt now: the first of each person, if it is due and not under way.
SELECT delivery.position, event.stream_id, event.topic, event.occurred_at, event.data
FROM webhook_deliveries AS delivery
JOIN events AS event ON event.position = delivery.position
WHERE delivery.webhook = %(webhook)s
    AND delivery.due_at <= %(now)s
    AND delivery.position <> ALL (%(under_way)s::bigint[])
    AND NOT EXISTS (
        SELECT 1 FROM webhook_deliveries AS earlier
        WHERE earlier.webhook = delivery.webhook
            AND earlier.person = delivery.person
            AND earlier.position < delivery.position
    )
ORDER BY delivery.position
LIMIT %(limit)s
