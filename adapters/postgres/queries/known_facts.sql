SELECT facts.fact, facts.content, place.stream_id, place.position, place.events, place.flagged
FROM facts
LEFT JOIN fact_places AS place ON place.fact = facts.fact
WHERE facts.fact = ANY (%(facts)b::bytea[])
