-- Events of these topics, stream by stream, each with the position at which its stream was erased. Seals come only
-- where they may hold a gender, and only if the question needs it. streams: null for all.
SELECT position, stream_id, version, topic, occurred_at, recorded_at, actor, source, part, policy, data::text,
    CASE WHEN held THEN sealed END, CASE WHEN held THEN key_commitment END,
    CASE WHEN held THEN (SELECT wrapped FROM value_keys WHERE value_keys.position = event.position) END,
    {erased_at}
FROM events AS event
CROSS JOIN LATERAL (
    SELECT %(opens)s AND (
        coalesce(data -> 'categories' ? 'user.demographic.gender', false)
        OR coalesce(data ->> 'category' = 'user.demographic.gender', false)
    ) AS held
) AS opening
WHERE topic = ANY (%(topics)s::text[]) AND {as_of}
    AND (%(streams)s::uuid[] IS NULL OR stream_id = ANY (%(streams)s::uuid[]))
ORDER BY stream_id, version
