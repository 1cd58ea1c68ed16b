-- What people who have been erased are owed at contact points that living people hold: an opt-out or an objection, and since
-- when. It binds the contact point (contact_bindings) from when nobody living holds it any more; then its row is deleted,
-- as it is where the person comes back and lifts it. Keyed digests, no stream. owed: as in suppressions.
CREATE TABLE waiting_suppressions (
    digest bytea NOT NULL,
    owed text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (digest, owed, since)
);
