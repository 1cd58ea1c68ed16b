-- One living record on which a contact point stands with its text, and the key of its stream; those of `streams` come
-- first. The text is gone once the values that it stood in were deleted.
SELECT point.stream_id, point.ordinal, point.kind, point.sealed, stream_keys.wrapped
FROM contact_points AS point
JOIN stream_keys ON stream_keys.stream_id = point.stream_id
WHERE point.digest = %(digest)s AND point.sealed IS NOT NULL
ORDER BY point.stream_id = ANY (%(streams)s::uuid[]) DESC, point.position
LIMIT 1
