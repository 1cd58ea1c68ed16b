SELECT topic FROM events WHERE stream_id = %(stream)s ORDER BY version LIMIT 1
