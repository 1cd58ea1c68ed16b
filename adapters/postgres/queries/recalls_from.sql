-- What was recalled on anybody's record and comes from one of these events. One of the same fact is counted back from it.
SELECT {coded_row}
FROM events
CROSS JOIN LATERAL (SELECT (data ->> 'comes_from')::bigint AS place) AS came
WHERE topic = 'SuppressionRecalled.v1'
    AND CASE WHEN came.place > 0 THEN came.place ELSE position + came.place END = ANY (%(sources)b::bigint[])
