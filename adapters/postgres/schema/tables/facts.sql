-- The facts that are in the ledger: the idempotency key, a keyed digest of the content, and where the fact's events end
-- in the log. flagged: one of the events is a refusal or has findings, which the answer to a repeat includes.
CREATE TABLE facts (
    source text NOT NULL,
    fact_id text NOT NULL,
    digest bytea NOT NULL,
    stream_id uuid NOT NULL,
    position bigint NOT NULL,
    events integer NOT NULL,
    flagged boolean NOT NULL,
    PRIMARY KEY (source, fact_id)
);
