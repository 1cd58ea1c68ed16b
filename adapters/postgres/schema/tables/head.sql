-- One row: the number of events. Every append locks it first and holds it to the commit, which makes positions gapless,
-- dense and in commit order.
CREATE TABLE head (
    one boolean NOT NULL PRIMARY KEY CHECK (one),
    size bigint NOT NULL
);
