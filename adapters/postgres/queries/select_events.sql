SELECT {row}
FROM events
WHERE stream_id = %(stream)s::uuid
    AND version > coalesce(%(gt)s::bigint, -9223372036854775808)
    AND version <= coalesce(%(lte)s::bigint, 9223372036854775807)
ORDER BY version {order}
LIMIT %(limit)s::bigint
