-- When contact points were given on these streams, as ordinals, and when the streams were linked, with which others.
SELECT stream_id, occurred_at, position, topic, coalesce(data -> 'contacts', '[]'),
    CASE topic WHEN 'CustomersLinked.v1' THEN coalesce(data -> 'others', '[]') ELSE '[]' END
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[]) AND position <= %(position)s
    AND (data ? 'contacts' OR topic = 'CustomersLinked.v1')
ORDER BY position
