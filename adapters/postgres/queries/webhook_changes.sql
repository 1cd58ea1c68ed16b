-- Queues as deliveries the verdicts of facts about people that changed, for one webhook.
INSERT INTO webhook_deliveries
    (webhook, number, position, stream_id, person, known_at, broke_then, breaks_now, attempts, due_at)
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
    %(upto)s, change.broke_then, change.breaks_now, 0, %(now)s
FROM jsonb_to_recordset(%(changes)s::jsonb) AS change (fact bigint, broke_then text[], breaks_now text[])
JOIN events AS event ON event.position = change.fact
WHERE event.topic = ANY (%(topics)s::text[])
