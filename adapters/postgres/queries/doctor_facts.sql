-- Events that no fact on record made.
SELECT count(*)
FROM events
LEFT JOIN facts ON facts.position - facts.events = events.position - events.part - 1
WHERE facts.position IS NULL
