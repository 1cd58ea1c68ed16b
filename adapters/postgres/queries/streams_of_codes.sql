-- One stream of each person who was erased in the erasures that have these codes; their other streams are linked to it.
SELECT DISTINCT events.stream_id
FROM tombstones
JOIN events ON events.position = tombstones.erased_by
WHERE tombstones.code = ANY (%(codes)s::uuid[])
