SELECT {row}
FROM events
WHERE position >= %(start)s::bigint
    AND (%(stop)s::bigint IS NULL OR position <= %(stop)s::bigint)
    AND (%(topics)s::text[] IS NULL OR topic = ANY (%(topics)s::text[]))
ORDER BY position
LIMIT %(limit)s::bigint
