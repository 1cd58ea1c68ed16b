SELECT asked.stream_id, (SELECT max(version) FROM events WHERE events.stream_id = asked.stream_id)
FROM unnest(%(streams)b::uuid[]) AS asked (stream_id)
