-- Until when names and contact points were those of people who have been erased: keyed digests, and no stream, which would
-- Until when names and contact points were those of people who have been erased: keyed digests, and no stream, which would
-- be the way back to what was erased. What is told later of a time up to then is about the erased person, unless it is of
-- a time before the name was theirs: up to after_end it was another person's, who gave it up. position: of the end of the
-- batch that told it last. erased_by: of the end of the last erasure of a person of that name.
CREATE TABLE tombstones (
    digest bytea NOT NULL,
    after_end timestamptz NOT NULL,
    until timestamptz NOT NULL,
    position bigint NOT NULL,
    erased_by bigint,
    PRIMARY KEY (digest, after_end)
);
CREATE INDEX tombstones_of_position ON tombstones (position);
