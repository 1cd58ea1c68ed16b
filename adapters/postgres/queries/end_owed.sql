-- What names were owed from an event that was annulled ends.
UPDATE suppressions SET ended = %(ended)s WHERE source = %(source)s AND owed = %(owed)s AND ended IS NULL
