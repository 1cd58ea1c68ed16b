-- Which entries were declared wrong, and by which fact.
SELECT data ->> 'entry', source || ' ' || fact_id
FROM events
WHERE topic = 'EntryCorrected.v1' AND position <= %(position)s
ORDER BY position
