-- One living record on which a contact point stands, with the key of its stream; those of `streams` come first.
SELECT point.stream_id, point.ordinal, point.kind, point.sealed, stream_keys.wrapped
FROM contact_points AS point
JOIN stream_keys ON stream_keys.stream_id = point.stream_id
WHERE point.digest = %(digest)s
ORDER BY point.stream_id = ANY (%(streams)s::uuid[]) DESC, point.position
LIMIT 1
