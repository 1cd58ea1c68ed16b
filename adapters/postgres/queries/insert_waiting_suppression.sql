-- What somebody erased is owed waits at a contact point that living people hold.
INSERT INTO waiting_suppressions (digest, owed, since, code) VALUES (%(digest)s, %(owed)s, %(since)s, %(code)s)
ON CONFLICT (digest, owed, since, code) DO NOTHING
