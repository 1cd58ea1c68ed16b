SELECT finding ->> 'promise', count(DISTINCT position)
FROM {findings}
GROUP BY 1
ORDER BY 1
