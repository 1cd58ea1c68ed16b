-- One row a shadow table: how far it has read, how many rows were written to it, and by which definition. holder: who
-- works on it, as of seen_at, in the database session `session`; null: nobody, and it can be continued.
CREATE TABLE projection_rebuilds (
    projection text NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    written bigint NOT NULL,
    definition text NOT NULL,
    holder uuid,
    session integer,
    seen_at timestamptz NOT NULL
);
