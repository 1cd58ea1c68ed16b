-- One row: the number of events. Every append locks it first and holds it to the commit, which makes positions gapless,
-- dense and in commit order. owed_changes: how often something was put on what is owed without an event, which a plan
-- made before does not know of.
CREATE TABLE head (
    one boolean NOT NULL PRIMARY KEY CHECK (one),
    size bigint NOT NULL,
    owed_changes bigint NOT NULL
);
