-- Puts the deliveries of streams that became one person's into one queue.
UPDATE webhook_deliveries AS delivery
SET person = joined.person
FROM (
    SELECT DISTINCT ON (stream_id) stream_id, (data ->> 'person')::uuid AS person FROM events
    WHERE {changes_people} AND {window}
    ORDER BY stream_id, position DESC
) AS joined
WHERE delivery.webhook = %(webhook)s AND delivery.stream_id = joined.stream_id
