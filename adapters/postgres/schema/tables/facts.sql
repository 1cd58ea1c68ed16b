-- The facts that are in the ledger, for ever, with nothing personal. fact: the idempotency key, a digest of source and
-- id. content: a digest of what the fact says, of whom, and whether it was refused; it tells a repeat from another fact.
-- Both digests are under keys that the database does not have. Nothing here says where the fact's events stand.
CREATE TABLE facts (
    fact bytea NOT NULL PRIMARY KEY,
    content bytea NOT NULL
);
