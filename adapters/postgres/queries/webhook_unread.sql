-- What the log holds for a webhook beyond the position up to which it has been read.
SELECT count(*), min(recorded_at) FROM events WHERE {after} AND {for_webhook}
