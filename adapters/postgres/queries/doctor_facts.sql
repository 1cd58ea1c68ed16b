SELECT count(*)
FROM events
LEFT JOIN facts ON facts.source = events.source AND facts.fact_id = events.fact_id
WHERE facts.source IS NULL
