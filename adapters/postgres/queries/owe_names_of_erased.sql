-- Let all names be owed a program's peace that were an erased person's who had this name at a time, and lead nowhere now.
WITH {erased_of_name}
INSERT INTO suppressions (digest, owed, since, after_end)
SELECT DISTINCT digest, %(program)s::text, %(since)s::timestamptz, after_end
FROM tombstones JOIN erased USING (code)
WHERE NOT is_contact
    AND after_end = coalesce(
        (SELECT max(until) FROM names WHERE names.digest = tombstones.digest AND until <> 'infinity'), '-infinity'
    )
    AND NOT EXISTS (SELECT FROM names WHERE names.digest = tombstones.digest AND until = 'infinity')
ON CONFLICT (digest, after_end, owed) DO NOTHING
