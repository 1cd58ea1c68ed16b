-- One row: how many events there are. Its lock, taken first and held to the commit, is what makes positions gapless,
-- dense and in commit order.
CREATE TABLE head (
    one boolean NOT NULL PRIMARY KEY CHECK (one),
    size bigint NOT NULL
);
