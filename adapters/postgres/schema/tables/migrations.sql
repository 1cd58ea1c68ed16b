-- The migrations that this schema has had.
CREATE TABLE migrations (
    number integer NOT NULL PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL
);
