-- When the events at these positions were told, by the database's clock.
SELECT position, recorded_at
FROM events
WHERE position = ANY (%(positions)s::bigint[])
