-- Everything that was sent by one channel, with its seal, so that its id can be opened.
SELECT {row}
FROM events
WHERE topic = 'MessageSent.v1' AND position <= %(position)s AND data ->> 'channel' = %(channel)s
ORDER BY position
