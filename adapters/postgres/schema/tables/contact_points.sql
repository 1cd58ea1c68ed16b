-- The contact points on customers' records. Events name them by stream and ordinal; digest: keyed, of the normal form;
-- sealed: its text, under the stream's key, or null once the values that it stood in were deleted; position: of the event
-- that gave it first. A row is deleted when its customer is erased.
CREATE TABLE contact_points (
    stream_id uuid NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    position bigint NOT NULL,
    sealed bytea,
    PRIMARY KEY (stream_id, ordinal)
);
CREATE INDEX contact_points_of_digest ON contact_points (digest);
