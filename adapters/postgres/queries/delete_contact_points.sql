-- Forget the contact points of erased streams.
DELETE FROM contact_points WHERE stream_id = ANY (%(streams)s::uuid[])
