-- The stream of the event at a position, and the position of the first event of its fact.
SELECT stream_id, position - part FROM events WHERE position = %(position)s
