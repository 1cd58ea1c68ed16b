-- The deliveries to attempt now: the first of each person, if it is due and not under way.
SELECT
    delivery.number, event.position, event.stream_id, event.topic, event.occurred_at, event.data,
    delivery.known_at, known.recorded_at, delivery.broke_then, delivery.breaks_now
FROM webhook_deliveries AS delivery
JOIN events AS event ON event.position = delivery.position
LEFT JOIN events AS known ON known.position = delivery.known_at
WHERE delivery.webhook = %(webhook)s
    AND delivery.due_at <= %(now)s
    AND delivery.number <> ALL (%(under_way)s::bigint[])
    AND NOT EXISTS (
        SELECT 1 FROM webhook_deliveries AS earlier
        WHERE earlier.webhook = delivery.webhook
            AND earlier.person = delivery.person
            AND earlier.number < delivery.number
    )
ORDER BY delivery.number
LIMIT %(limit)s
