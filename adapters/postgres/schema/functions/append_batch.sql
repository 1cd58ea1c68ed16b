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
