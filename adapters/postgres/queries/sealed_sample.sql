SELECT {row}
FROM events
WHERE sealed IS NOT NULL
ORDER BY position DESC
LIMIT %(limit)s
