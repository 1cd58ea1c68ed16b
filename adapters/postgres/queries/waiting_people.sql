-- The streams on which a request has no answer under its name, or on which somebody is known to be a child, and which
-- were not erased: time alone may have broken a promise to them.
SELECT DISTINCT event.stream_id
FROM events AS event
WHERE event.topic IN ('AccessRequested.v1', 'CorrectionRequested.v1', 'ErasureRequested.v1', 'AgeLearned.v1')
    AND NOT EXISTS (SELECT FROM events AS erased WHERE erased.stream_id = event.stream_id AND erased.{is_erasure})
    AND (
        event.topic = 'AgeLearned.v1'
        OR NOT EXISTS (
            SELECT FROM events AS answer
            WHERE answer.stream_id = event.stream_id
                AND answer.topic IN (
                    'AccessReportIssued.v1', 'DataCorrected.v1', 'CorrectionDeclined.v1', 'RequestDenied.v1',
                    'RequestWithdrawn.v1'
                )
                AND answer.data ->> 'request_code' = event.data ->> 'request_code'
                AND answer.position > event.position
                AND NOT answer.data ? 'elsewhere'
        )
    )
ORDER BY event.stream_id
