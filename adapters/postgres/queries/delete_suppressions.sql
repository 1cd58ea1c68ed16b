DELETE FROM suppressions
WHERE digest IN (SELECT names.digest FROM names WHERE names.stream_id = ANY (%(streams)b::uuid[]))
