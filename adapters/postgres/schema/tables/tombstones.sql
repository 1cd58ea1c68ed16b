-- Until when names and contact points were those of people who have been erased: keyed digests, and no stream, which would
-- be the way back to what was erased. What is told later of a time up to then is about the erased person, unless it is of
-- a time before the name was theirs: up to after_end it was another person's, who gave it up. code: random, the same for
-- all tombstones of one erasure, so that what protects the person and is told late under one of them reaches the others.
-- is_held: living people are known to have the contact point, so it says nothing of whose it is until they are gone.
-- by_code: of a contact point of a person with a number, their code in contact_bindings; else empty. named: since when the
-- contact point stood on their record; null where it never did. is_typed: only a contact point of theirs, which anybody
-- can type, says that the name was theirs; named is then when that was which was told last under it and may permit
-- anything. position: of the end of the batch that told it last. erased_by: of the end
-- of the last erasure of a person of that name.
CREATE TABLE tombstones (
    digest bytea NOT NULL,
    after_end timestamptz NOT NULL,
    code uuid NOT NULL,
    until timestamptz NOT NULL,
    is_contact boolean NOT NULL,
    is_held boolean NOT NULL,
    by_code text NOT NULL,
    named timestamptz,
    is_typed boolean NOT NULL,
    position bigint NOT NULL,
    erased_by bigint,
    PRIMARY KEY (digest, after_end, code)
);
CREATE INDEX tombstones_of_position ON tombstones (position);
CREATE INDEX tombstones_of_code ON tombstones (code);
CREATE INDEX tombstones_of_erasure ON tombstones (erased_by);
