-- The data key of each customer and of the company, wrapped by the key holder. A row is deleted when its customer is
-- erased.
CREATE TABLE stream_keys (
    stream_id uuid NOT NULL PRIMARY KEY,
    key_id text NOT NULL,
    wrapped bytea NOT NULL
);
