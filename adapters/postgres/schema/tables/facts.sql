-- Which facts are in: the idempotency key, a keyed digest of the content, and where the fact's events end in the log.
CREATE TABLE facts (
    source text NOT NULL,
    fact_id text NOT NULL,
    digest bytea NOT NULL,
    stream_id uuid NOT NULL,
    position bigint NOT NULL,
    events integer NOT NULL,
    PRIMARY KEY (source, fact_id)
);
