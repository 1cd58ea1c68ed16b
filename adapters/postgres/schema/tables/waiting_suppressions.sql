-- What people who have been erased are owed at contact points that living people are known to have: an opt-out or an
-- objection, and since when. It binds the contact point (contact_bindings) from when nobody living is known to have it any
-- more; then its row is deleted, as it is where the person comes back and lifts it. Keyed digests, no stream. owed: as in
-- suppressions. code: that of the erasure, as in tombstones.
CREATE TABLE waiting_suppressions (
    digest bytea NOT NULL,
    owed text NOT NULL,
    since timestamptz NOT NULL,
    code uuid NOT NULL,
    PRIMARY KEY (digest, owed, since, code)
);
