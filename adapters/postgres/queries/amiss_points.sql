-- At which collection points data was collected although they are not registered: how often, since when, until when.
SELECT
    finding ->> 'promise', data ->> 'collection_point', count(DISTINCT position), min(occurred_at), max(occurred_at),
    min(position)
FROM {findings} AND finding ->> 'code' = 'point_not_registered' AND position <= %(until)s
GROUP BY 1, 2
ORDER BY 1, 2
