-- The policy files that this ledger has been under, as they were read. The last one is in force.
CREATE TABLE policies (
    number integer NOT NULL PRIMARY KEY,
    version text NOT NULL,
    digest text NOT NULL UNIQUE,
    body text NOT NULL
);
