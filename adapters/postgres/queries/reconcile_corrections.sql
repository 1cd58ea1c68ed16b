-- Which entries were declared wrong, and by which fact.
SELECT (data ->> 'entry')::bigint, position
FROM events
WHERE topic = 'EntryCorrected.v1' AND data ? 'entry' AND position <= %(position)s
ORDER BY position
