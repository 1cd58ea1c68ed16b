INSERT INTO suppressions (digest, owed, since)
VALUES (%(digest)s, %(owed)s, %(since)s)
ON CONFLICT (digest, owed) DO NOTHING
