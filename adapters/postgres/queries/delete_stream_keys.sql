DELETE FROM stream_keys WHERE stream_id = ANY (%(streams)b::uuid[])
