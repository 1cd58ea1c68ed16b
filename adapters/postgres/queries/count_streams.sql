SELECT count(DISTINCT stream_id) FROM events WHERE topic = ANY (%(topics)s::text[])
