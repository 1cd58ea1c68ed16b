-- What the ordinals of streams stand for.
SELECT stream_id, ordinal, kind, digest FROM contact_points WHERE stream_id = ANY (%(streams)s::uuid[])
