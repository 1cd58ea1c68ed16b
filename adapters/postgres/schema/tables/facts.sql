-- Which facts are in: the idempotency key, a keyed digest of the content, and where the fact's events end in the log.
-- flagged: one of them is a refusal or has findings, so that a repeat needs to be told of them.
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
