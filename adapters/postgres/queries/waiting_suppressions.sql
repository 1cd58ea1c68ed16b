-- What erased people are owed at a contact point as soon as nobody living holds it.
SELECT owed, since, code::text FROM waiting_suppressions WHERE digest = %(digest)s ORDER BY since, owed, code
