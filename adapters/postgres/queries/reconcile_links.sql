-- Which streams were found to be one person's; each of them names all others.
SELECT stream_id, data -> 'others'
FROM events
WHERE topic = 'CustomersLinked.v1' AND position <= %(position)s
ORDER BY position
