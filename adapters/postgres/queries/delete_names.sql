DELETE FROM names WHERE stream_id = ANY (%(streams)b::uuid[])
