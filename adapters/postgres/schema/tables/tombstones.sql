-- Until when names and contact points were those of people who have been erased: keyed digests, and no stream, which would
-- be the way back to what was erased. What is told later of a time up to then is about the erased person. position: of the
-- end of the batch that told it last. erased_by: of the end of the last erasure of a person of that name.
CREATE TABLE tombstones (
    digest bytea NOT NULL PRIMARY KEY,
    until timestamptz NOT NULL,
    position bigint NOT NULL,
    erased_by bigint
);
CREATE INDEX tombstones_of_position ON tombstones (position);
