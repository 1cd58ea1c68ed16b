-- The streams that have a contact point of which something was told after a position: that it is bound, or no longer.
SELECT DISTINCT point.stream_id
FROM contact_points AS point
JOIN contact_bindings AS binding ON binding.digest = point.digest
WHERE binding.position > %(after)s AND binding.position <= %(position)s
