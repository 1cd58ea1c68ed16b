-- Let an opt-out bind a contact point that is on nobody's record, unless one does; since the time when the name that it
-- was told with is owed the same.
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
        ORDER BY occurred_at DESC, position DESC
        LIMIT 1
    ),
    false
)
