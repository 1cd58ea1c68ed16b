-- Let a program's opt-out wait at those contact points of an erased person who had this name at a time which living people
-- are known to have, unless one does.
WITH {erased_of_name}
INSERT INTO waiting_suppressions (digest, owed, since, code)
SELECT DISTINCT digest, %(program)s::text, %(since)s::timestamptz, code
FROM tombstones JOIN erased USING (code)
WHERE is_contact AND is_held
    AND NOT EXISTS (
        SELECT FROM waiting_suppressions AS known
        WHERE known.digest = tombstones.digest AND known.owed = %(program)s::text AND known.code = tombstones.code
    )
