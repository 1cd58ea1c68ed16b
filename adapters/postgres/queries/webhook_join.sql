-- Lets what waits for streams that have become one person's wait in one line.
UPDATE webhook_deliveries AS delivery
SET person = joined.person
FROM (
    SELECT DISTINCT ON (stream_id) stream_id, (data ->> 'person')::uuid AS person FROM events
    WHERE topic = 'CustomersLinked.v1' AND position > %(after)s AND position <= %(upto)s
    ORDER BY stream_id, position DESC
) AS joined
WHERE delivery.webhook = %(webhook)s AND delivery.stream_id = joined.stream_id
