-- What binds contact points because it was told of them, or is owed to an erased person: an opt-out or an objection, or
-- what lifted one (is_out false). Keyed digests. It outlives every erasure, and binds whoever has the contact point. what:
-- the program, or the purpose behind objection:; null where the contact point was given up, and is theirs alone who are
-- named with it since. by_code: of a person who opted out under a number, whose rows of the last position count, and
-- reach only records without a number; empty otherwise. annuls: the position of the opt-out that an officer annulled;
-- with by_code, that of the annulment.
CREATE TABLE contact_bindings (
    digest bytea NOT NULL,
    what text,
    is_out boolean NOT NULL,
    occurred_at timestamptz NOT NULL,
    position bigint NOT NULL,
    by_code text NOT NULL,
    annuls bigint
);
CREATE INDEX contact_bindings_of_digest ON contact_bindings (digest);
-- What opt-outs under a number come to at addresses, in the order in which they were told: bursts are looked for in it.
CREATE INDEX contact_bindings_by_number ON contact_bindings (position) WHERE by_code <> '';
