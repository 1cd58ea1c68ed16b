-- Which names the events say that were proposed as another name of somebody, or told apart from them: keyed digests, one
-- as a name and, of an address or a number, one as a contact point. An event's rows are deleted with the key of the name's
-- text (value_keys), when the person of that name is erased.
CREATE TABLE proposed_names (
    digest bytea NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (digest, position)
);
CREATE INDEX proposed_names_of_position ON proposed_names (position);
