INSERT INTO names (digest, until, stream_id, is_contact)
VALUES (%(digest)s, coalesce(%(until)s::timestamptz, 'infinity'), %(stream)s, %(is_contact)s)
