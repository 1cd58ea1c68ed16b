-- The keys that sign what a webhook is sent, wrapped by the key holder. ends_at: once another key has replaced it.
CREATE TABLE webhook_secrets (
    webhook text NOT NULL,
    number integer NOT NULL,
    key_id text NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz,
    PRIMARY KEY (webhook, number)
);
