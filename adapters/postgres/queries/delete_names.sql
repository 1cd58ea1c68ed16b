-- Forget that names lead to erased streams. A span that has an end stays, and leads nowhere: what is told of its time
-- belongs to nobody who had the name before or after.
WITH ended AS (
    UPDATE names SET stream_id = NULL WHERE stream_id = ANY (%(streams)b::uuid[]) AND until <> 'infinity'
)
DELETE FROM names WHERE stream_id = ANY (%(streams)b::uuid[]) AND until = 'infinity'
