-- Where a fact went, for the answer to a repeat: its stream, the position of the last of its events, and how many they
-- are. flagged: one of them is a refusal or has findings. A row is deleted when its customer is erased.
CREATE TABLE fact_places (
    fact bytea NOT NULL PRIMARY KEY,
    stream_id uuid NOT NULL,
    position bigint NOT NULL,
    events integer NOT NULL,
    flagged boolean NOT NULL
);
CREATE INDEX fact_places_of_stream ON fact_places (stream_id);
