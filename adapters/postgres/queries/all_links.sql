-- Who was one person from when on, in the order of telling: each link names all other streams of a person, and so does
-- the undoing of one, for what is left together.
SELECT stream_id, coalesce(data -> CASE topic WHEN 'CustomersLinked.v1' THEN 'others' ELSE 'together' END, '[]')
FROM events
WHERE {changes_people} AND {as_of}
ORDER BY position
