-- Let a program's opt-out bind the contact points of an erased person who had this name at a time, with the code of the
-- erasure, unless it does; those that living people are known to have, or that were given up, are left out.
WITH {erased_of_name}
INSERT INTO contact_bindings (digest, what, is_out, occurred_at, position, by_code, code)
SELECT DISTINCT digest, %(program)s::text, true, %(since)s::timestamptz, (SELECT size FROM head WHERE one), '', code
FROM tombstones JOIN erased USING (code)
WHERE is_contact AND NOT is_held
    AND NOT EXISTS (
        SELECT FROM contact_bindings AS ended
        WHERE ended.digest = tombstones.digest AND ended.what IS NULL AND ended.occurred_at > tombstones.after_end
    )
    AND NOT coalesce(
        (
            SELECT is_out FROM contact_bindings AS known
            WHERE known.digest = tombstones.digest AND known.what = %(program)s::text AND known.code = tombstones.code
            ORDER BY occurred_at DESC, position DESC
            LIMIT 1
        ),
        false
    )
