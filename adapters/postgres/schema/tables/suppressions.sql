-- What outlives an erased customer: that whoever has this name opted out, or is under age. A keyed digest, no name.
CREATE TABLE suppressions (
    digest bytea NOT NULL,
    owed text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (digest, owed)
);
