-- At which collection points data was collected although they are not registered: how often, since when, until when.
SELECT
    finding ->> 'promise', data ->> 'collection_point', count(DISTINCT position), min(occurred_at), max(occurred_at),
    min(position)
FROM {findings} AND finding ->> 'code' = 'point_not_registered' AND position <= %(until)s
    AND NOT EXISTS (
        SELECT FROM events AS wrong
        WHERE wrong.topic = 'EntryCorrected.v1' AND wrong.stream_id = event.stream_id
            AND (wrong.data ->> 'entry')::bigint = event.position - event.part AND wrong.position <= %(until)s
    )
GROUP BY 1, 2
ORDER BY 1, 2
