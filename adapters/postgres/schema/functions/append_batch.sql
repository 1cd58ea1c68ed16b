-- Appends a batch: locks the head row, checks that what the batch was decided from still holds, and inserts.
--
-- start: the position after which the batch was planned, or -1 where the planner's records may be old. events: the
-- number of events. Those in `batch` are inserted here; the caller copies in the others in the same transaction. Where
-- something has changed, nothing is inserted, and unchanged is false.
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
    told bytea[];
    contents bytea[];
    streams uuid[];
    places bigint[];
    counts integer[];
    flags boolean[];
BEGIN
    UPDATE head SET size = size + append_batch.events WHERE one RETURNING size - append_batch.events INTO first;
    clock := clock_timestamp();
    base := first;
    recorded_at := clock;
    -- Arrays, since each of the facts is looked at three times and JSON is slow to read.
    SELECT array_agg(decode(one.fact, 'hex')), array_agg(decode(one.content, 'hex')), array_agg(one.stream_id),
        array_agg(first + one.place), array_agg(one.events), array_agg(one.flagged)
    INTO told, contents, streams, places, counts, flags
    FROM jsonb_to_recordset(batch -> 'facts')
        AS one (fact text, content text, stream_id uuid, place bigint, events integer, flagged boolean);
    unchanged := NOT EXISTS (SELECT FROM facts WHERE facts.fact = ANY (told));
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
        INSERT INTO names (digest, stream_id)
        SELECT decode(name.key, 'hex'), name.value::uuid FROM jsonb_each_text(batch -> 'names') AS name;
    END IF;
    IF batch ? 'visitor_names' THEN
        INSERT INTO visitor_names (digest, stream_id)
        SELECT decode(name.key, 'hex'), name.value::uuid FROM jsonb_each_text(batch -> 'visitor_names') AS name;
    END IF;
    INSERT INTO facts (fact, content) SELECT one.fact, one.content FROM unnest(told, contents) AS one (fact, content);
    INSERT INTO fact_places (fact, stream_id, position, events, flagged)
    SELECT one.fact, one.stream_id, one.position, one.events, one.flagged
    FROM unnest(told, streams, places, counts, flags) AS one (fact, stream_id, position, events, flagged);
    IF NOT batch ? 'events' THEN
        RETURN;
    END IF;
    INSERT INTO events (
        position, stream_id, version, topic, occurred_at, recorded_at, actor, source, fact_id, policy,
        correlation, causation, data, sealed, key_commitment
    )
    SELECT
        first + event.place, event.stream_id, event.version, event.topic, event.occurred_at, clock, event.actor,
        event.source, event.fact_id, event.policy, event.correlation, event.causation, event.data,
        decode(event.sealed, 'hex'), decode(event.key_commitment, 'hex')
    FROM jsonb_to_recordset(batch -> 'events') AS event (
        place bigint, stream_id uuid, version bigint, topic text, occurred_at timestamptz, actor text, source text,
        fact_id text, policy text, correlation text, causation text, data jsonb, sealed text, key_commitment text
    );
END
$$;
