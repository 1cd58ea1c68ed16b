-- Before the first event nothing was known, and suppressions then are judged at that event's time.
SELECT coalesce(
    (SELECT max(occurred_at) FROM events WHERE position <= %(position)s),
    (SELECT occurred_at FROM events WHERE position = 1)
)
