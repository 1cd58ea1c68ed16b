-- Keys for the server.
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

GRANT SELECT, INSERT ON api_keys TO {writer};
GRANT UPDATE (revoked_at) ON api_keys TO {writer};
