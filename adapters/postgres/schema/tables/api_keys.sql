-- Who may use the server: of each key its name, the digest of its secret, its role and what it is for.
CREATE TABLE api_keys (
    key_id text NOT NULL PRIMARY KEY,
    digest bytea NOT NULL,
    label text NOT NULL,
    role text NOT NULL,
    scope jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);
