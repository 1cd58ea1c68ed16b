DELETE FROM fact_places WHERE stream_id = ANY (%(streams)b::uuid[])
