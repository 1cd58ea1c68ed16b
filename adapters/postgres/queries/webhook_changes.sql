-- Queues as deliveries the verdicts of facts about people that changed, for one webhook.
INSERT INTO webhook_deliveries
    (webhook, number, position, stream_id, person, known_at, broke_then, breaks_now, attempts, due_at)
SELECT
    %(webhook)s,
    {delivery_of_event},
    %(upto)s, change.broke_then, change.breaks_now, 0, %(now)s
FROM jsonb_to_recordset(%(changes)s::jsonb) AS change (fact bigint, broke_then text[], breaks_now text[])
JOIN events AS event ON event.position = change.fact
WHERE event.topic = ANY (%(topics)s::text[])
