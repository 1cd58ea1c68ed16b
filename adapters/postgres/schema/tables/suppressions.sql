-- What outlives the erasure of a customer: a person with this name opted out, or is under age. A keyed digest, no name.
CREATE TABLE suppressions (
    digest bytea NOT NULL,
    owed text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (digest, owed)
);
