-- Keyed digests of customers' names. A row is deleted when its customer is erased.
CREATE TABLE names (
    digest bytea NOT NULL PRIMARY KEY,
    stream_id uuid NOT NULL,
    is_contact boolean NOT NULL -- An e-mail address or a telephone number.
);
CREATE INDEX names_of_stream ON names (stream_id);
