-- The schema of the first release, in one file. From that release on, changes are in later files.

-- The keys to the server: the digest of each secret, its role, and what it may reach.
CREATE TABLE api_keys (
    key_id text NOT NULL PRIMARY KEY,
    digest bytea NOT NULL,
    label text NOT NULL,
    role text NOT NULL,
    scope jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);

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

-- The contact points on customers' records. Events name them by stream and ordinal; digest: keyed, of the normal form;
-- sealed: its text, under the stream's key, or null once the values that it stood in were deleted; position: of the event
-- that gave it first. A row is deleted when its customer is erased.
CREATE TABLE contact_points (
    stream_id uuid NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    position bigint NOT NULL,
    sealed bytea,
    PRIMARY KEY (stream_id, ordinal)
);
CREATE INDEX contact_points_of_digest ON contact_points (digest);

-- The log. Rows are inserted and never changed. part: which of its fact's events it is, counted from 0. data: coded,
-- nothing personal. source: of the fact, or a keyed digest of it where it is no plain code. sealed: the personal values, the
-- ids that services chose and such a source, encrypted, with a commitment to the key that did it; both are null where there
-- was nothing to seal.
CREATE TABLE events (
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    version bigint NOT NULL,
    topic text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    source text NOT NULL,
    part integer NOT NULL,
    policy text NOT NULL,
    data jsonb NOT NULL,
    sealed bytea,
    key_commitment bytea,
    PRIMARY KEY (stream_id, version),
    UNIQUE (position),
    CHECK ((sealed IS NULL) = (key_commitment IS NULL))
);

-- Where a fact went, for the answer to a repeat: its stream, the position of the last of its events, and how many they
-- are. flagged: one of them is a refusal or has findings. A row is deleted when its customer is erased.
CREATE TABLE fact_places (
    fact bytea NOT NULL PRIMARY KEY,
    stream_id uuid NOT NULL,
    position bigint NOT NULL,
    events integer NOT NULL,
    flagged boolean NOT NULL
);
CREATE INDEX fact_places_of_stream ON fact_places (stream_id);

-- The facts that are in the ledger, for ever, with nothing personal. fact: the idempotency key, a digest of source and
-- id. content: a digest of what the fact says, of whom, and whether it was refused; it tells a repeat from another fact.
-- Both digests are under keys that the database does not have. Nothing here says where the fact's events stand.
CREATE TABLE facts (
    fact bytea NOT NULL PRIMARY KEY,
    content bytea NOT NULL
);

-- One row: the number of events. Every append locks it first and holds it to the commit, which makes positions gapless,
-- dense and in commit order. owed_changes: how often something was put on what is owed without an event, which a plan
-- made before does not know of.
CREATE TABLE head (
    one boolean NOT NULL PRIMARY KEY CHECK (one),
    size bigint NOT NULL,
    owed_changes bigint NOT NULL
);

-- One row: which ledger this schema is, and the key of its lookups, wrapped by the key holder.
CREATE TABLE ledger (
    one boolean NOT NULL PRIMARY KEY CHECK (one),
    ledger_id uuid NOT NULL,
    company_stream uuid NOT NULL,
    created_at timestamptz NOT NULL,
    key_id text NOT NULL,
    lookup_key bytea NOT NULL
);

-- The migrations that this schema has had.
CREATE TABLE migrations (
    number integer NOT NULL PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL
);

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

-- The policy files that this ledger has been under, as they were read. The last one is in force.
CREATE TABLE policies (
    number integer NOT NULL PRIMARY KEY,
    version text NOT NULL,
    digest text NOT NULL UNIQUE,
    body text NOT NULL
);

-- How far each projection has read, and by which definition (a digest of its SQL). stopped_by: the SQLSTATE with which
-- it stopped, at the event stopped_at, or at no event in particular.
CREATE TABLE projection_checkpoints (
    projection text NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    definition text NOT NULL,
    stopped_at bigint,
    stopped_by text
);

-- One row a shadow table: how far it has read, how many rows were written to it, and by which definition. holder: who
-- works on it, as of seen_at, in the database session `session`; null: nobody, and it can be continued.
CREATE TABLE projection_rebuilds (
    projection text NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    written bigint NOT NULL,
    definition text NOT NULL,
    holder uuid,
    session integer,
    seen_at timestamptz NOT NULL
);

-- Which names the events say that were proposed as another name of somebody, or told apart from them: keyed digests, one
-- as a name and, of an address or a number, one as a contact point. An event's rows are deleted with the key of the name's
-- text (value_keys), when the person of that name is erased.
CREATE TABLE proposed_names (
    digest bytea NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (digest, position)
);
CREATE INDEX proposed_names_of_position ON proposed_names (position);

-- The data key of each customer and of the company, wrapped by the key holder. A row is deleted when its customer is
-- erased.
CREATE TABLE stream_keys (
    stream_id uuid NOT NULL PRIMARY KEY,
    key_id text NOT NULL,
    wrapped bytea NOT NULL
);

-- What outlives the erasure of a customer, or the end of a name: a person with this name opted out, objected, or is under
-- age. owed: the program, the purpose behind objection:, or under_13. A keyed digest, no name. after_end: it is owed to
-- those who have the name after it was given up at this time; -infinity: before it ever was. source: the position of the
-- event that said so, where it can still be annulled; ended: since when it is owed no more, as that was annulled. said: when
-- the one who had the name before said so.
CREATE TABLE suppressions (
    digest bytea NOT NULL,
    owed text NOT NULL,
    since timestamptz NOT NULL,
    after_end timestamptz NOT NULL,
    source bigint,
    ended timestamptz,
    said timestamptz,
    PRIMARY KEY (digest, after_end, owed)
);

-- Until when names and contact points were those of people who have been erased: keyed digests, and no stream, which would
-- be the way back to what was erased. What is told later of a time up to then is about the erased person, unless it is of
-- a time before the name was theirs: up to after_end it was another person's, who gave it up. code: random, the same for
-- all tombstones of one erasure, so that what protects the person and is told late under one of them reaches the others.
-- is_held: living people are known to have the contact point, so it says nothing of whose it is until they are gone.
-- by_code: of a contact point of a person with a number, their code in contact_bindings; else empty. named: since when the
-- contact point stood on their record; null where it never did. is_typed: only a contact point of theirs, which anybody
-- can type, says that the name was theirs; named is then when that was which was told last under it and may permit
-- anything. position: of the end of the batch that told it last. erased_by: of the end
-- of the last erasure of a person of that name.
CREATE TABLE tombstones (
    digest bytea NOT NULL,
    after_end timestamptz NOT NULL,
    code uuid NOT NULL,
    until timestamptz NOT NULL,
    is_contact boolean NOT NULL,
    is_held boolean NOT NULL,
    by_code text NOT NULL,
    named timestamptz,
    is_typed boolean NOT NULL,
    position bigint NOT NULL,
    erased_by bigint,
    PRIMARY KEY (digest, after_end, code)
);
CREATE INDEX tombstones_of_position ON tombstones (position);
CREATE INDEX tombstones_of_code ON tombstones (code);
CREATE INDEX tombstones_of_erasure ON tombstones (erased_by);

-- The keys of an event's values, wrapped under its customer's data key; position: the event's. A row has only the keys of
-- values that were not deleted, and is deleted with the last of them, or when its customer is erased.
CREATE TABLE value_keys (
    position bigint NOT NULL PRIMARY KEY,
    wrapped bytea NOT NULL
);

-- Keyed digests of browsers' ids, apart from customers' names and under another key.
CREATE TABLE visitor_names (
    digest bytea NOT NULL PRIMARY KEY,
    stream_id uuid NOT NULL
);

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

-- The events that a webhook has not been sent yet; never their content. A row is deleted once it is delivered. number:
-- the order in which they were queued. person: whose events are sent one after the other. known_at, broke_then,
-- breaks_now: of a verdict that changed, up to which position the log was read, which promises the fact broke by what
-- was found when it was appended, and which by what was known at that position; else null. due_at: the time of the next
-- attempt; infinity: somebody has to look at it first.
CREATE TABLE webhook_deliveries (
    webhook text NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    person uuid NOT NULL,
    known_at bigint,
    broke_then text[],
    breaks_now text[],
    attempts integer NOT NULL,
    due_at timestamptz NOT NULL,
    failing_since timestamptz,
    failed_by text,
    PRIMARY KEY (webhook, number)
);
CREATE INDEX webhook_deliveries_of_person ON webhook_deliveries (webhook, person, number);

-- The keys that sign what a webhook is sent, wrapped by the key holder. ends_at: once another key has replaced it.
CREATE TABLE webhook_secrets (
    webhook text NOT NULL,
    number integer NOT NULL,
    key_id text NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz,
    PRIMARY KEY (webhook, number)
);

-- Other systems that are sent opt-outs, corrections, erasures and changes of verdicts, each at an address of its own.
-- position: how far the log has been read for it. compared: how far it has been worked out for it which verdicts changed.
-- failures, failing_since: of attempts since the last success.
CREATE TABLE webhooks (
    name text NOT NULL PRIMARY KEY,
    url text NOT NULL,
    kinds text[] NOT NULL,
    allows_private boolean NOT NULL,
    created_at timestamptz NOT NULL,
    position bigint NOT NULL,
    compared bigint NOT NULL,
    delivered bigint NOT NULL,
    delivered_at timestamptz,
    failures integer NOT NULL,
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_by text
);

-- Few streams are erased, and every read model leaves them out.
CREATE INDEX erased_streams ON events (stream_id, position) WHERE topic = 'CustomerErased.v1';

-- Few events break a promise, and people look for them.
CREATE INDEX events_with_findings ON events (position) WHERE data ? 'findings';

-- Opt-outs in the order in which they were told: a burst of them from one source is looked for among the latest.
CREATE INDEX opt_outs_told ON events (recorded_at) WHERE topic = 'CustomerOptedOut.v1';

-- Most events are of these four types. Read models of the other types need not read past them.
CREATE INDEX uncommon_events ON events (topic, position)
WHERE topic <> ALL (ARRAY['DataCollected.v1', 'DataUsed.v1', 'DataShared.v1', 'MessageSent.v1']);

-- Appends a batch: locks the head row, checks that what the batch was decided from still holds, and inserts.
--
-- start: the position after which the batch was planned, or -1 where the planner's records may be old. events: the
-- number of events. Those in `batch` are inserted here; the caller copies in the others in the same transaction. Where
-- something has changed, nothing is inserted, and unchanged is false. The facts of `batch` are given in columns, which
-- are faster to write and to read than objects: the digests, 16 bytes each, in one text; the rest in arrays.
--
-- Every append locks the head row first and holds it to the commit, so what is read under the lock stays true.
CREATE FUNCTION append_batch(
    start bigint, events bigint, batch jsonb,
    OUT base bigint, OUT recorded_at timestamptz, OUT unchanged boolean
)
LANGUAGE plpgsql
AS $$
DECLARE
    clock timestamptz;
    first bigint;
    owed bigint;
    told bytea := decode(batch ->> 'facts', 'hex');
    said bytea := decode(batch ->> 'contents', 'hex');
    facts_told bytea[] := ARRAY(
        SELECT substring(told FROM 16 * n - 15 FOR 16) FROM generate_series(1, length(told) / 16) AS n
    );
BEGIN
    UPDATE head SET size = size + append_batch.events
    WHERE one
    RETURNING size - append_batch.events, owed_changes INTO first, owed;
    clock := clock_timestamp();
    base := first;
    recorded_at := clock;
    unchanged := owed = coalesce((batch ->> 'owed_changes')::bigint, 0)
        AND NOT EXISTS (SELECT FROM facts WHERE facts.fact = ANY (facts_told));
    IF unchanged AND first <> start THEN
        unchanged := NOT EXISTS (
            SELECT FROM jsonb_each_text(batch -> 'names') AS name
            JOIN names ON names.digest = decode(name.key, 'hex')
        ) AND NOT EXISTS (
            SELECT FROM jsonb_each_text(batch -> 'visitor_names') AS name
            JOIN visitor_names ON visitor_names.digest = decode(name.key, 'hex')
        ) AND NOT EXISTS (
            SELECT FROM jsonb_each_text(batch -> 'streams') AS stream
            WHERE stream.value::bigint <> coalesce(
                (SELECT max(version) FROM events WHERE events.stream_id = stream.key::uuid), 0
            )
        ) AND NOT EXISTS (
            SELECT FROM jsonb_each_text(batch -> 'contacts_seen') AS seen
            WHERE seen.value::bigint <> (
                SELECT count(*) FROM contact_bindings WHERE contact_bindings.digest = decode(seen.key, 'hex')
            )
        ) AND NOT (batch ? 'rests_on_all') AND NOT EXISTS (
            SELECT FROM tombstones WHERE position > (batch ->> 'planned_at')::bigint
        );
    END IF;
    IF NOT unchanged THEN
        UPDATE head SET size = first WHERE one;
        RETURN;
    END IF;

    IF batch ? 'keys' THEN
        INSERT INTO stream_keys (stream_id, key_id, wrapped)
        SELECT key.key::uuid, batch ->> 'key_id', decode(key.value, 'hex')
        FROM jsonb_each_text(batch -> 'keys') AS key;
    END IF;
    IF batch ? 'names' THEN
        INSERT INTO names (digest, until, stream_id, is_contact)
        SELECT decode(name.key, 'hex'), 'infinity', name.value::uuid,
            coalesce((batch -> 'contact_names') ? name.key, false)
        FROM jsonb_each_text(batch -> 'names') AS name;
    END IF;
    IF batch ? 'contact_points' THEN
        INSERT INTO contact_points (stream_id, ordinal, kind, digest, position, sealed)
        SELECT point.stream_id, point.ordinal, point.kind, decode(point.digest, 'hex'), first + point.place,
            decode(point.sealed, 'hex')
        FROM jsonb_to_recordset(batch -> 'contact_points') AS point (
            stream_id uuid, ordinal integer, kind text, digest text, place bigint, sealed text
        );
    END IF;
    IF batch ? 'contact_bindings' THEN
        INSERT INTO contact_bindings (digest, what, is_out, occurred_at, position, by_code, annuls, source, since, code)
        SELECT decode(binding.digest, 'hex'), binding.what, binding.is_out, binding.occurred_at,
            coalesce(binding.position, first + binding.position_place), binding.by_code,
            coalesce(binding.annuls, first + binding.annuls_place),
            coalesce(binding.source, first + binding.source_place), binding.since, binding.code
        FROM jsonb_to_recordset(batch -> 'contact_bindings') AS binding (
            digest text, what text, is_out boolean, occurred_at timestamptz, position bigint,
            position_place bigint, by_code text, annuls bigint, annuls_place bigint, source bigint, source_place bigint, since timestamptz,
            code uuid
        );
    END IF;
    IF batch ? 'visitor_names' THEN
        INSERT INTO visitor_names (digest, stream_id)
        SELECT decode(name.key, 'hex'), name.value::uuid FROM jsonb_each_text(batch -> 'visitor_names') AS name;
    END IF;
    IF batch ? 'value_keys' THEN
        INSERT INTO value_keys (position, wrapped)
        SELECT first + one.place::bigint, decode(one.wrapped, 'hex')
        FROM unnest(
            ARRAY(SELECT jsonb_array_elements_text(batch -> 'value_places')),
            ARRAY(SELECT jsonb_array_elements_text(batch -> 'value_keys'))
        ) AS one (place, wrapped);
    END IF;
    INSERT INTO facts (fact, content)
    SELECT substring(told FROM 16 * n - 15 FOR 16), substring(said FROM 16 * n - 15 FOR 16)
    FROM generate_series(1, length(told) / 16) AS n;
    INSERT INTO fact_places (fact, stream_id, position, events, flagged)
    SELECT one.fact, one.stream_id::uuid, first + one.place::bigint, one.events::integer, one.flagged::boolean
    FROM unnest(
        facts_told,
        ARRAY(SELECT jsonb_array_elements_text(batch -> 'fact_streams')),
        ARRAY(SELECT jsonb_array_elements_text(batch -> 'fact_places')),
        ARRAY(SELECT jsonb_array_elements_text(batch -> 'fact_events')),
        ARRAY(SELECT jsonb_array_elements_text(batch -> 'fact_flags'))
    ) AS one (fact, stream_id, place, events, flagged);
    IF NOT batch ? 'events' THEN
        RETURN;
    END IF;
    INSERT INTO events (
        position, stream_id, version, topic, occurred_at, recorded_at, actor, source, part, policy, data, sealed,
        key_commitment
    )
    SELECT
        first + event.place, event.stream_id, event.version, event.topic, event.occurred_at, clock, event.actor,
        event.source, event.part, event.policy, event.data,
        decode(event.sealed, 'hex'), decode(event.key_commitment, 'hex')
    FROM jsonb_to_recordset(batch -> 'events') AS event (
        place bigint, stream_id uuid, version bigint, topic text, occurred_at timestamptz, actor text, source text,
        part integer, policy text, data jsonb, sealed text, key_commitment text
    );
END
$$;

-- Takes keys of values from the rows of events: `kept` is what is left of each row, null where nothing is. Only a row
-- whose stream has a later deletion in the log can be cut. It works with its owner's rights, as destroy_value_keys does.
CREATE FUNCTION cut_value_keys(positions bigint[], kept bytea[]) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {ledger}, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM unnest(positions, kept) AS cut (position, kept)
        LEFT JOIN value_keys ON value_keys.position = cut.position
        LEFT JOIN events AS told ON told.position = cut.position
        WHERE coalesce(length(cut.kept) >= length(value_keys.wrapped), false)
            OR NOT EXISTS (
                SELECT FROM events AS deletion
                WHERE deletion.stream_id = told.stream_id
                    AND deletion.version > told.version
                    AND deletion.topic IN ('DataDeleted.v1', 'DataAnonymised.v1')
            )
    ) THEN
        RAISE EXCEPTION 'no deletion in the log says that these values go'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    UPDATE value_keys SET wrapped = cut.kept
    FROM unnest(positions, kept) AS cut (position, kept)
    WHERE value_keys.position = cut.position AND cut.kept IS NOT NULL;
    DELETE FROM value_keys
    USING unnest(positions, kept) AS cut (position, kept)
    WHERE value_keys.position = cut.position AND cut.kept IS NULL;
END
$$;

-- Deletes the keys of all values on streams that the log says were erased. It works with its owner's rights: the program
-- may not delete from the table itself, so that nobody can empty it in its name.
CREATE FUNCTION destroy_value_keys(streams uuid[]) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {ledger}, pg_temp
AS $$
BEGIN
    DELETE FROM value_keys
    USING events AS told
    JOIN events AS erased ON erased.stream_id = told.stream_id AND erased.topic = 'CustomerErased.v1'
    WHERE told.stream_id = ANY (streams) AND value_keys.position = told.position;
END
$$;

-- Forgets the texts of contact points on streams that have a deletion in the log; their digests stay. It works with its
-- owner's rights, as destroy_value_keys does.
CREATE FUNCTION forget_contact_texts(streams uuid[], ordinals integer[]) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {ledger}, pg_temp
AS $$
BEGIN
    UPDATE contact_points SET sealed = NULL
    FROM unnest(streams, ordinals) AS gone (stream_id, ordinal)
    WHERE contact_points.stream_id = gone.stream_id
        AND contact_points.ordinal = gone.ordinal
        AND EXISTS (
            SELECT FROM events AS deletion
            WHERE deletion.stream_id = gone.stream_id AND deletion.topic IN ('DataDeleted.v1', 'DataAnonymised.v1')
        );
END
$$;

-- Deletes the keys of texts by which links to people erased at this position were proposed, or told apart: each name that
-- was one of theirs at the time of which it was said, and that leads to nobody else then. It works with its owner's rights,
-- as destroy_value_keys does, and only for an erasure that the log holds.
CREATE FUNCTION forget_proposed_names(erasure bigint) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {ledger}, pg_temp
AS $$
BEGIN
    WITH forgotten AS (
        SELECT said.position
        FROM proposed_names AS said
        JOIN events AS told USING (position)
        JOIN tombstones AS gone USING (digest)
        WHERE told.position <= erasure
            AND gone.erased_by = erasure
            AND NOT gone.is_held
            AND gone.after_end < told.occurred_at
            AND (
                told.occurred_at <= gone.until
                OR NOT EXISTS (SELECT FROM names WHERE names.digest = gone.digest AND names.stream_id IS NOT NULL)
            )
            AND EXISTS (
                SELECT FROM events AS erased WHERE erased.topic = 'CustomerErased.v1' AND erased.position = erasure
            )
    ), digests AS (
        DELETE FROM proposed_names USING forgotten WHERE proposed_names.position = forgotten.position
    )
    DELETE FROM value_keys USING forgotten WHERE value_keys.position = forgotten.position;
END
$$;

-- Refuses UPDATE, DELETE and TRUNCATE of the log and of what identifies it.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'An event stays as it is. Append one that corrects the entry.';
END
$$;

CREATE TRIGGER events_stay
    BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_stay;

CREATE TRIGGER facts_stay
    BEFORE UPDATE OR DELETE OR TRUNCATE ON facts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE facts ENABLE ALWAYS TRIGGER facts_stay;

CREATE TRIGGER ledger_stay
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE ledger ENABLE ALWAYS TRIGGER ledger_stay;

CREATE TRIGGER policies_stay
    BEFORE UPDATE OR DELETE OR TRUNCATE ON policies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE policies ENABLE ALWAYS TRIGGER policies_stay;

-- What the program may do: append, and maintain what is derived. It owns none of these tables. In this schema it may
-- create tables of its own: the projections, which can be made again from the log at any time.
GRANT USAGE, CREATE ON SCHEMA {ledger} TO {writer};
GRANT SELECT, INSERT ON events, facts, policies TO {writer};
GRANT SELECT ON ledger, migrations TO {writer};
GRANT SELECT, UPDATE ON head TO {writer};
GRANT SELECT, INSERT ON contact_bindings TO {writer};
GRANT SELECT, INSERT, DELETE ON contact_points, fact_places TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON names TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON suppressions TO {writer};
GRANT SELECT, INSERT, UPDATE ON tombstones TO {writer};
GRANT SELECT, INSERT, DELETE ON waiting_suppressions TO {writer};
GRANT SELECT, INSERT ON proposed_names, value_keys, visitor_names TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON stream_keys TO {writer};
GRANT SELECT, INSERT, UPDATE ON projection_checkpoints TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON projection_rebuilds TO {writer};
GRANT SELECT, INSERT ON api_keys TO {writer};
GRANT UPDATE (revoked_at) ON api_keys TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks, webhook_secrets, webhook_deliveries TO {writer};
