-- Who was one person with each of these streams from when on, in the order of telling.
SELECT stream_id, coalesce(data -> CASE topic WHEN 'CustomersLinked.v1' THEN 'others' ELSE 'together' END, '[]')
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[]) AND {changes_people} AND {as_of}
ORDER BY position
