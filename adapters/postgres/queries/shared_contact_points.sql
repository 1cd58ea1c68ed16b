-- The contact points that stand on the records of at least two and at most so many persons, the earliest shared first:
-- kind, the position of the event by which the last of them got it, and the persons by the smallest ids of their streams.
-- What a message only went to, or an opt-out only names, does not stand on a record: no event gives it. Nor does what
-- was given up since.
WITH {persons}, shared AS (
    SELECT digest FROM contact_points GROUP BY digest HAVING count(DISTINCT stream_id) > 1
), given AS (
    SELECT digest, kind, contact_points.position, coalesce(person_id, contact_points.stream_id) AS person
    FROM contact_points
    JOIN shared USING (digest)
    LEFT JOIN persons ON persons.stream_id = contact_points.stream_id
    WHERE EXISTS (
        SELECT 1 FROM events
        WHERE events.stream_id = contact_points.stream_id
            AND data -> 'contacts' @> to_jsonb(contact_points.ordinal)
            AND NOT EXISTS (
                SELECT 1 FROM contact_bindings AS ended
                WHERE ended.digest = contact_points.digest AND ended.what IS NULL
                    AND ended.occurred_at >= events.occurred_at
            )
    )
)
SELECT kind, max(position), array_agg(person ORDER BY person)
FROM (SELECT digest, kind, person, min(position) AS position FROM given GROUP BY digest, kind, person) AS held
GROUP BY digest, kind
HAVING count(*) BETWEEN 2 AND %(most)s
ORDER BY 2, 1
