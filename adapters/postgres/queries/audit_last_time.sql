-- The time of the latest fact. What followed from it can be dated an instant later, and is none. Before the first event
-- nothing was known, and suppressions then are judged at that event's time.
SELECT coalesce(
    (SELECT max(occurred_at) FROM events WHERE position <= %(position)s AND NOT {is_consequence}),
    (SELECT occurred_at FROM events WHERE position = 1)
)
