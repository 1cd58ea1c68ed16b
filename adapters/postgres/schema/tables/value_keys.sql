-- The keys of an event's values, wrapped under its customer's data key; position: the event's. A row has only the keys of
-- values that were not deleted, and is deleted with the last of them, or when its customer is erased.
CREATE TABLE value_keys (
    position bigint NOT NULL PRIMARY KEY,
    wrapped bytea NOT NULL
);
