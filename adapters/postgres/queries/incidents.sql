-- What is on record about one incident.
SELECT position, occurred_at, source || ' ' || fact_id, (data ->> 'unauthorised_reads')::bigint,
    ARRAY(SELECT jsonb_array_elements_text(data -> 'categories'))
FROM events
WHERE topic = 'IncidentRecorded.v1' AND data ->> 'incident' = %(incident)s
ORDER BY occurred_at, position
