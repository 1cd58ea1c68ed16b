-- The streams on which contact points stand, or of which they were told: all, or at most so many of them.
SELECT DISTINCT stream_id FROM contact_points WHERE digest = ANY (%(digests)s::bytea[])
LIMIT %(most)s
