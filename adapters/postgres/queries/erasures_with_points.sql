-- The coded part of the erasures that keep which contact points of theirs were others' as well.
SELECT {coded_row}
FROM events
WHERE {is_erasure} AND data ? 'same_points'
