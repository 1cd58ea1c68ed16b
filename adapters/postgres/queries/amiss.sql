-- What was found wrong when facts were told, by promise: how many facts, since when, and until when; and how many of
-- these facts were corrected as wrong entries since.
WITH corrected AS (
    SELECT DISTINCT CASE WHEN named.place > 0 THEN named.place ELSE position + named.place END AS fact
    FROM events
    CROSS JOIN LATERAL (SELECT (data ->> 'entry')::bigint AS place) AS named
    WHERE topic IN ('EntryCorrected.v1', 'CompanyEntryCorrected.v1', 'VisitorEntryCorrected.v1') AND data ? 'entry'
)
SELECT
    found.promise,
    count(DISTINCT found.fact) FILTER (WHERE corrected.fact IS NULL),
    min(found.occurred_at) FILTER (WHERE corrected.fact IS NULL),
    max(found.occurred_at) FILTER (WHERE corrected.fact IS NULL),
    count(DISTINCT found.fact) FILTER (WHERE corrected.fact IS NOT NULL)
FROM (
    SELECT finding ->> 'promise' AS promise, position - part AS fact, occurred_at FROM {findings}
) AS found
LEFT JOIN corrected ON corrected.fact = found.fact
GROUP BY found.promise
ORDER BY found.promise
