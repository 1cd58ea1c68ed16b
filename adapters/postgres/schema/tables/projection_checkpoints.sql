-- How far each projection has read.
CREATE TABLE projection_checkpoints (
    projection text NOT NULL PRIMARY KEY,
    position bigint NOT NULL
);
