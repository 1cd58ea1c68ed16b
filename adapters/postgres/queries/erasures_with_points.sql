-- The coded part of the erasures that keep which contact points of theirs were others' as well.
SELECT {coded_row}
FROM events
WHERE topic = 'CustomerErased.v1' AND data ? 'same_points'
