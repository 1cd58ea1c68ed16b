-- What was found wrong when facts were told, by promise: how many facts, since when, and until when.
SELECT finding ->> 'promise', count(DISTINCT position - part), min(occurred_at), max(occurred_at)
FROM {findings}
GROUP BY 1
ORDER BY 1
