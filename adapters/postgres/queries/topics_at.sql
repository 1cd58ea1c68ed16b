SELECT stream_id, topic FROM events WHERE position = ANY (%(positions)b::bigint[])
