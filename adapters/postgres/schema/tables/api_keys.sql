-- The keys to the server: the digest of each secret, its role, and what it may reach.
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
