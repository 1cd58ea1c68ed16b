-- What binds contact points because it was told of them, or is owed to an erased person: an opt-out or an objection, or
-- what lifted one (is_out false). Keyed digests. It outlives every erasure, and binds all who have the contact point. what:
-- the program, or the purpose behind objection:; null where the contact point was given up, and is theirs alone who are
-- named with it since. by_code: of a person who opted out under a number, whose rows of the last position count, and
-- reach only records without a number; empty otherwise. annuls: the position of the opt-out that an officer annulled;
-- with by_code, that of the annulment; with is_out, that of the collection whose lift is taken back, since only a link that
-- was undone had allowed it. source: of a lift, the position of the collection that lifts; of what was passed on, that of
-- the opt-out or objection that it comes from; of a lift that is taken back for all time, again that of the collection; of
-- what is owed to somebody erased and was told only afterwards, that of the erasure.
-- since: where it is owed to somebody erased and came to bind only with the erasure, or when nobody living was known to
-- have the contact point any more, since when it is owed; it counts for what is later in time and told later.
-- Without code, since is when the one said so who had the contact point before it was passed on. code: where
-- it is owed to somebody erased, that of the erasure (tombstones), whose person alone lifts it, or somebody verified; of
-- what lifts, that of what it lifts.
CREATE TABLE contact_bindings (
    digest bytea NOT NULL,
    what text,
    is_out boolean NOT NULL,
    occurred_at timestamptz NOT NULL,
    position bigint NOT NULL,
    by_code text NOT NULL,
    annuls bigint,
    source bigint,
    since timestamptz,
    code uuid
);
CREATE INDEX contact_bindings_of_digest ON contact_bindings (digest);
-- What opt-outs under a number come to at addresses, in the order in which they were told: bursts are looked for in it.
CREATE INDEX contact_bindings_by_number ON contact_bindings (position) WHERE by_code <> '';
