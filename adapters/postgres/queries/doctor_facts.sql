WITH span AS (
    SELECT fact, stream_id, position - events AS after, position,
        lag(position, 1, 0::bigint) OVER (ORDER BY position) AS previous
    FROM fact_places
), gap AS (
    SELECT previous AS after, after AS upto FROM span WHERE after > previous
    UNION ALL
    SELECT coalesce(max(position), 0), (SELECT size FROM head) FROM span
), erased AS (
    SELECT DISTINCT stream_id FROM events WHERE {is_erasure}
)
SELECT
    (SELECT count(*) FROM span LEFT JOIN facts USING (fact) WHERE facts.fact IS NULL),
    (SELECT count(*) FROM span WHERE after < previous),
    (
        -- A fact of the erased may have left a link, or its undoing, on the stream of somebody else.
        SELECT count(*)
        FROM gap
        JOIN events ON events.position > gap.after AND events.position <= gap.upto
        LEFT JOIN erased USING (stream_id)
        WHERE erased.stream_id IS NULL AND NOT events.{is_joining}
    ),
    (SELECT count(*) FROM span JOIN erased USING (stream_id))
