-- Who is erased now was met by what their names were owed; what of it stands is owed anew.
DELETE FROM suppressions
USING names
WHERE names.digest = suppressions.digest
    AND names.stream_id = ANY (%(streams)b::uuid[])
    AND names.until = 'infinity'
    AND suppressions.after_end = coalesce(
        (SELECT max(ended.until) FROM names AS ended WHERE ended.digest = names.digest AND ended.until <> 'infinity'),
        '-infinity'
    )
