-- What outlives the erasure of a customer, or the end of a name: a person with this name opted out, objected, or is under
-- age. owed: the program, the purpose behind objection:, or under_13. A keyed digest, no name. after_end: it is owed to
-- those who have the name after it was given up at this time; -infinity: before it ever was. source: the position of the
-- event that said so, where it can still be annulled; ended: since when it is owed no more, as that was annulled. said: when
-- the one who had the name before said so.
CREATE TABLE suppressions (
    digest bytea NOT NULL,
    owed text NOT NULL,
    since timestamptz NOT NULL,
    after_end timestamptz NOT NULL,
    source bigint,
    ended timestamptz,
    said timestamptz,
    PRIMARY KEY (digest, after_end, owed)
);
