SELECT data ->> 'program', data ->> 'cause', count(*)
FROM events
WHERE position = ANY (%(positions)s::bigint[]) AND topic = 'CustomerEnrolled.v1'
GROUP BY 1, 2
