-- Webhooks: whom to tell of opt-outs, corrections and erasures, under which keys, and what they have not been told yet.
CREATE TABLE webhooks (
    name text NOT NULL PRIMARY KEY,
    url text NOT NULL,
    kinds text[] NOT NULL,
    allows_private boolean NOT NULL,
    created_at timestamptz NOT NULL,
    position bigint NOT NULL,
    delivered bigint NOT NULL,
    delivered_at timestamptz,
    failures integer NOT NULL,
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_by text
);

CREATE TABLE webhook_secrets (
    webhook text NOT NULL,
    number integer NOT NULL,
    key_id text NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz,
    PRIMARY KEY (webhook, number)
);

CREATE TABLE webhook_deliveries (
    webhook text NOT NULL,
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    person uuid NOT NULL,
    attempts integer NOT NULL,
    due_at timestamptz NOT NULL,
    failing_since timestamptz,
    failed_by text,
    PRIMARY KEY (webhook, position)
);
CREATE INDEX webhook_deliveries_of_person ON webhook_deliveries (webhook, person, position);

GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks, webhook_secrets, webhook_deliveries TO {writer};
