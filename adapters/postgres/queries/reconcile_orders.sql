-- Everything that people ordered or were given, with its seal, so that its reference can be opened.
SELECT {row}
FROM events
WHERE topic = 'DataCollected.v1' AND position <= %(position)s AND data ->> 'act' IN ('order', 'gift')
ORDER BY position
