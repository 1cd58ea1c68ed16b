-- A row while there is a shadow table: how far it has read, how many rows were written to it, and by which definition.
-- holder: whose work it is, as of seen_at, out of the database session `session`; null: nobody's, it can be taken up.
CREATE TABLE projection_rebuilds (
    projection text NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    written bigint NOT NULL,
    definition text NOT NULL,
    holder uuid,
    session integer,
    seen_at timestamptz NOT NULL
);
