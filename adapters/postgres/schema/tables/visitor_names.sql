-- Keyed digests of browsers' ids, apart from customers' names and under another key.
CREATE TABLE visitor_names (
    digest bytea NOT NULL PRIMARY KEY,
    stream_id uuid NOT NULL
);
