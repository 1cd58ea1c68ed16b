-- One row: which ledger this schema is, and the key of its lookups, wrapped by the key holder.
CREATE TABLE ledger (
    one boolean NOT NULL PRIMARY KEY CHECK (one),
    ledger_id uuid NOT NULL,
    company_stream uuid NOT NULL,
    created_at timestamptz NOT NULL,
    key_id text NOT NULL,
    lookup_key bytea NOT NULL
);
