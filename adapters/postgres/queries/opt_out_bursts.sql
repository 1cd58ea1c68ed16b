-- Since when a source told more opt-outs under addresses within a time than the limit, until when, and how many. A burst
-- that goes on for longer than that time is one. Those that were annulled count no more.
WITH told AS (
    SELECT event.source, event.recorded_at
    FROM events AS event
    WHERE event.topic = 'CustomerOptedOut.v1'
        AND event.recorded_at > %(after)s::timestamptz
        AND event.data ? 'contact'
        AND NOT event.data ? 'follows'
        AND event.position - event.part NOT IN (
            SELECT (data ->> 'entry')::bigint FROM events
            WHERE topic = 'EntryCorrected.v1' AND data ?& ARRAY['entry', 'by_officer']
        )
),
counted AS (
    SELECT source, recorded_at, count(*) OVER until_then AS opt_outs, min(recorded_at) OVER until_then AS since
    FROM told
    WINDOW until_then AS (
        PARTITION BY source ORDER BY recorded_at RANGE BETWEEN %(within)s::interval PRECEDING AND CURRENT ROW
    )
),
above AS (
    SELECT source, recorded_at, since,
        coalesce(since > lag(recorded_at) OVER (PARTITION BY source ORDER BY recorded_at), true) AS begins
    FROM counted
    WHERE opt_outs > %(limit)s
),
numbered AS (
    SELECT source, recorded_at, since,
        count(*) FILTER (WHERE begins) OVER (PARTITION BY source ORDER BY recorded_at) AS number
    FROM above
),
burst AS (
    SELECT source, min(since) AS since, max(recorded_at) AS until FROM numbered GROUP BY source, number
)
SELECT burst.source, count(*), burst.since, burst.until
FROM burst
JOIN told ON told.source = burst.source AND told.recorded_at BETWEEN burst.since AND burst.until
GROUP BY burst.source, burst.since, burst.until
ORDER BY burst.since, burst.source
