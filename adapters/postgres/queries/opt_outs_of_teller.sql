-- The opt-outs that a source, or an actor, told between two times, by the database's clock: the position of each one's event and
-- of its fact's first one, its stream, whether an officer annulled it, and whether its person was erased.
SELECT event.position, event.position - event.part, event.stream_id,
    event.position - event.part IN (
        SELECT (data ->> 'entry')::bigint FROM events
        WHERE topic = 'EntryCorrected.v1' AND data ?& ARRAY['entry', 'by_officer']
    ),
    EXISTS (SELECT FROM events AS erasure WHERE erasure.stream_id = event.stream_id AND erasure.{is_erasure})
FROM events AS event
WHERE event.topic = 'CustomerOptedOut.v1'
    AND (%(source)s::text IS NULL OR event.source = %(source)s::text)
    AND (%(actor)s::text IS NULL OR event.actor = %(actor)s::text)
    AND event.recorded_at BETWEEN %(since)s::timestamptz AND %(until)s::timestamptz
    AND NOT event.data ? 'follows'
ORDER BY event.position
