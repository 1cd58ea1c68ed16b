-- The streams from one id up to another that have a contact point which something binds.
SELECT DISTINCT stream_id
FROM contact_points
WHERE stream_id >= %(low)s AND stream_id <= %(high)s
    AND digest IN (SELECT digest FROM contact_bindings)
