-- Whether a stream was opened under a contact point.
SELECT EXISTS (SELECT FROM names WHERE stream_id = %(stream)s AND is_contact)
