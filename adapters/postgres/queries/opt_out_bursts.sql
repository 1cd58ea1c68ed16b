-- Since when a source, or an actor with several sources, told more opt-outs that bind addresses within a time
-- than the limit, until when, and how many. A burst that goes on for longer than that time is one. Those that were
-- annulled count no more.
WITH annulled AS (
    SELECT (data ->> 'entry')::bigint AS position FROM events
    WHERE topic = 'EntryCorrected.v1' AND data ?& ARRAY['entry', 'by_officer']
),
under_addresses AS (
    SELECT event.source, event.actor, event.recorded_at
    FROM events AS event
    WHERE event.topic = 'CustomerOptedOut.v1'
        AND event.recorded_at > %(after)s::timestamptz
        AND event.data ? 'contact'
        AND NOT event.data ? 'follows'
        AND event.position - event.part NOT IN (SELECT position FROM annulled)
),
-- What an opt-out under a number comes to at an address counts where somebody else has the address: of each address and
-- person, what was put there last.
reaching AS (
    SELECT DISTINCT ON (digest, by_code, what) digest, what, position, is_out
    FROM contact_bindings
    WHERE by_code <> ''
        AND position > coalesce((
            SELECT position FROM events
            WHERE topic = 'CustomerOptedOut.v1' AND recorded_at <= %(after)s::timestamptz
            ORDER BY recorded_at DESC LIMIT 1
        ), 0)
    ORDER BY digest, by_code, what, position DESC, is_out DESC
),
under_numbers AS (
    SELECT event.source, event.actor, min(event.recorded_at) AS recorded_at
    FROM reaching
    JOIN events AS event ON event.position = reaching.position
    WHERE reaching.is_out
        AND event.topic <> 'EntryCorrected.v1'
        AND NOT (event.topic = 'CustomerOptedOut.v1' AND event.data ? 'contact')
        AND event.recorded_at > %(after)s::timestamptz
        AND event.position - event.part NOT IN (SELECT position FROM annulled)
        AND EXISTS (
            SELECT FROM contact_points AS other
            WHERE other.digest = reaching.digest AND other.stream_id <> event.stream_id
        )
    GROUP BY event.source, event.actor, reaching.digest, reaching.what
),
told AS (
    SELECT source, actor, recorded_at FROM under_addresses UNION ALL SELECT source, actor, recorded_at FROM under_numbers
),
teller AS (
    SELECT 'source' AS told_by, source AS name, source, recorded_at FROM told
    UNION ALL
    SELECT 'actor', actor, source, recorded_at FROM told WHERE actor <> ''
),
counted AS (
    SELECT told_by, name, recorded_at, count(*) OVER until_then AS opt_outs, min(recorded_at) OVER until_then AS since
    FROM teller
    WINDOW until_then AS (
        PARTITION BY told_by, name ORDER BY recorded_at RANGE BETWEEN %(within)s::interval PRECEDING AND CURRENT ROW
    )
),
above AS (
    SELECT told_by, name, recorded_at, since,
        coalesce(since > lag(recorded_at) OVER (PARTITION BY told_by, name ORDER BY recorded_at), true) AS begins
    FROM counted
    WHERE opt_outs > %(limit)s
),
numbered AS (
    SELECT told_by, name, recorded_at, since,
        count(*) FILTER (WHERE begins) OVER (PARTITION BY told_by, name ORDER BY recorded_at) AS number
    FROM above
),
burst AS (
    SELECT told_by, name, min(since) AS since, max(recorded_at) AS until FROM numbered GROUP BY told_by, name, number
)
SELECT burst.told_by, burst.name, count(*), burst.since, burst.until
FROM burst
JOIN teller USING (told_by, name)
WHERE teller.recorded_at BETWEEN burst.since AND burst.until
GROUP BY burst.told_by, burst.name, burst.since, burst.until
HAVING burst.told_by = 'source' OR count(DISTINCT teller.source) > 1
ORDER BY burst.since, burst.told_by, burst.name
