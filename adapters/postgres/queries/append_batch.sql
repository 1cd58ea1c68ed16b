SELECT base, recorded_at, unchanged FROM append_batch(%(start)s::bigint, %(events)s::bigint, %(batch)s::jsonb)
