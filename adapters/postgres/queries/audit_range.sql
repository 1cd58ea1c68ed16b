-- The summaries (domain.audit.signatures) of all events on streams from one id up to another, in the order of each stream.
SELECT occurred_at, position, topic, position - part,
    (data - '{reference_code,alike_code,relies_on,cites,value_from,value_cited,findings,because}'::text[])::text,
    data ->> 'reference_code', data ->> 'alike_code', (data -> 'relies_on')::text, (data -> 'cites')::text, (data ->> 'value_from')::bigint,
    (data -> 'value_cited')::text, (data -> 'findings')::text, stream_id
FROM events
WHERE stream_id >= %(low)s AND stream_id <= %(high)s AND {as_of_facts}
ORDER BY stream_id, version
