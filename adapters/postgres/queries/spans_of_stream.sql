-- The spans of the names that led to a stream until they were given up.
SELECT digest, stream_id, nullif(until, 'infinity')
FROM names
WHERE digest IN (SELECT own.digest FROM names AS own WHERE own.stream_id = %(stream)s AND own.until <> 'infinity')
ORDER BY digest, until
