-- The status of each webhook: what waits, since when, and what somebody has to look at.
SELECT
    webhook.name, webhook.url, webhook.kinds, webhook.allows_private, webhook.created_at, webhook.position,
    webhook.delivered, webhook.delivered_at, webhook.failures, webhook.failing_since, webhook.disabled_at,
    webhook.disabled_by,
    (SELECT count(*) FROM webhook_secrets AS secret
     WHERE secret.webhook = webhook.name AND (secret.ends_at IS NULL OR secret.ends_at > %(now)s)),
    coalesce(line.waiting, 0), coalesce(line.stuck, 0), line.since, line.failed_by
FROM webhooks AS webhook
LEFT JOIN LATERAL (
    SELECT
        count(*) AS waiting,
        count(*) FILTER (WHERE delivery.due_at = 'infinity') AS stuck,
        min(event.recorded_at) AS since,
        (array_agg(delivery.failed_by ORDER BY delivery.number) FILTER (WHERE delivery.failed_by IS NOT NULL))[1]
            AS failed_by
    FROM webhook_deliveries AS delivery
    JOIN events AS event ON event.position = delivery.position
    WHERE delivery.webhook = webhook.name
) AS line ON true
ORDER BY webhook.created_at, webhook.name
