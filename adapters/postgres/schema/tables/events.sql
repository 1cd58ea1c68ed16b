-- The log. Rows are inserted and never changed. part: which of its fact's events it is, counted from 0. data: coded,
-- nothing personal. source: of the fact, or a keyed digest of it where it is no plain code. sealed: the personal values, the
-- ids that services chose and such a source, encrypted, with a commitment to the key that did it; both are null where there
-- was nothing to seal.
CREATE TABLE events (
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    version bigint NOT NULL,
    topic text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    source text NOT NULL,
    part integer NOT NULL,
    policy text NOT NULL,
    data jsonb NOT NULL,
    sealed bytea,
    key_commitment bytea,
    PRIMARY KEY (stream_id, version),
    UNIQUE (position),
    CHECK ((sealed IS NULL) = (key_commitment IS NULL))
);
