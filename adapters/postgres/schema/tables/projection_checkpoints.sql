-- How far each projection has read, and by which definition (a digest of its SQL). stopped_by: the SQLSTATE with which
-- it stopped, at the event stopped_at, or at no event in particular.
CREATE TABLE projection_checkpoints (
    projection text NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    definition text NOT NULL,
    stopped_at bigint,
    stopped_by text
);
