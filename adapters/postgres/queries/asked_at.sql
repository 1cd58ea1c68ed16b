-- When these requests were made.
SELECT occurred_at
FROM events
WHERE position = ANY (%(positions)s::bigint[])
    AND topic IN ('AccessRequested.v1', 'CorrectionRequested.v1', 'ErasureRequested.v1')
