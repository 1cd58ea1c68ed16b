SELECT coalesce(data -> 'others', '[]') FROM events WHERE stream_id = %(stream)s AND topic = 'CustomersLinked.v1'
