-- The reference code of each collection on these streams, by position.
SELECT position, data ->> 'reference_code'
FROM events
WHERE topic = 'DataCollected.v1' AND position <= %(position)s AND stream_id = ANY (%(streams)s::uuid[])
