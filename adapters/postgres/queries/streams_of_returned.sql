-- The streams of who came back under another name that was an erased person's who had this name at a time.
WITH {erased_of_name}
SELECT DISTINCT names.stream_id
FROM tombstones
JOIN erased USING (code)
JOIN names ON names.digest = tombstones.digest AND names.until = 'infinity'
WHERE NOT tombstones.is_contact AND NOT tombstones.is_typed
    AND tombstones.after_end = coalesce(
        (SELECT max(until) FROM names AS ended WHERE ended.digest = names.digest AND ended.until <> 'infinity'),
        '-infinity'
    )
ORDER BY names.stream_id
