-- Which streams were found to be one person's: each stream names all others.
SELECT stream_id, coalesce(data -> 'others', '[]')
FROM events
WHERE topic = 'CustomersLinked.v1' AND {as_of}
ORDER BY position
