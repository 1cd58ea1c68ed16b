-- What rebuilding takes: shadow tables beside the live ones, digests of what made them, and an index for the read models
-- that are made from few events. A projection from before has no digest; it is rebuilt before it is read again.
ALTER TABLE projection_checkpoints ADD COLUMN definition text;
ALTER TABLE projection_checkpoints ADD COLUMN stopped_at bigint;
ALTER TABLE projection_checkpoints ADD COLUMN stopped_by text;

CREATE TABLE projection_rebuilds (
    projection text NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    written bigint NOT NULL,
    definition text NOT NULL,
    holder uuid,
    session integer,
    seen_at timestamptz NOT NULL
);

CREATE INDEX uncommon_events ON events (topic, position)
WHERE topic <> ALL (ARRAY['DataCollected.v1', 'DataUsed.v1', 'DataShared.v1', 'MessageSent.v1']);

GRANT SELECT, INSERT, UPDATE, DELETE ON projection_rebuilds TO {writer};
