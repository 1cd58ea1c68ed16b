-- How far each projection has read, and by which definition (a digest of its SQL; null: by one from before there were
-- digests). stopped_by: the SQLSTATE with which it stopped, at the event stopped_at, or before any event at all.
CREATE TABLE projection_checkpoints (
    projection text NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    definition text,
    stopped_at bigint,
    stopped_by text
);
