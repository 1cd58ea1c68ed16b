SELECT max(occurred_at) FROM events WHERE position <= %(position)s
