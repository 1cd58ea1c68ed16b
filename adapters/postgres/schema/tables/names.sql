-- Keyed digests of customers' names, and the stream that each leads to until when: infinity, or when it was given up.
-- stream_id: null where nothing is told yet of the person who had the name until then, or they were erased. A row without an end
-- is deleted when its customer is erased.
CREATE TABLE names (
    digest bytea NOT NULL,
    until timestamptz NOT NULL,
    stream_id uuid,
    is_contact boolean NOT NULL, -- An e-mail address or a telephone number.
    PRIMARY KEY (digest, until)
);
CREATE INDEX names_of_stream ON names (stream_id);
