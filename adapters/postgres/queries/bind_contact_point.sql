-- Let an opt-out bind a contact point that is on nobody's record, unless one does; since the time when the name that it
-- was told with is owed the same. What is owed there to the erased person of that name is put there with their code.
INSERT INTO contact_bindings (digest, what, is_out, occurred_at, position, by_code)
SELECT
    %(digest)s::bytea, %(program)s::text, true,
    coalesce(
        (SELECT since FROM suppressions WHERE digest = %(name)s::bytea AND owed = %(program)s::text),
        %(since)s::timestamptz
    ),
    (SELECT size FROM head WHERE one), ''
WHERE NOT coalesce(
    (
        SELECT is_out FROM contact_bindings
        WHERE digest = %(digest)s::bytea AND what = %(program)s::text AND by_code = '' AND code IS NULL
        ORDER BY occurred_at DESC, annuls IS NOT NULL DESC, is_out DESC, position DESC
        LIMIT 1
    ),
    false
)
AND NOT EXISTS (
    SELECT FROM tombstones AS own
    JOIN tombstones AS named USING (code)
    WHERE own.digest = %(digest)s::bytea AND own.is_contact
        AND named.digest = %(name)s::bytea AND NOT named.is_contact AND NOT named.is_typed
)
