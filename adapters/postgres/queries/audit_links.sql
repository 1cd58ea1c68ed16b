-- Which streams were found to be one person's, as each of them says.
SELECT stream_id, data -> 'others'
FROM events
WHERE topic = 'CustomersLinked.v1' AND position <= %(position)s
    AND (%(time)s::timestamptz IS NULL OR occurred_at <= %(time)s)
