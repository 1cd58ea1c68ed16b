-- The streams of which something was told after a position.
SELECT DISTINCT stream_id FROM events WHERE position > %(after)s AND position <= %(position)s
