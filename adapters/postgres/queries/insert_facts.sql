INSERT INTO facts (source, fact_id, digest, stream_id, position, events)
SELECT * FROM unnest(
    %(source)b::text[], %(fact_id)b::text[], %(digest)b::bytea[], %(stream_id)b::uuid[], %(position)b::bigint[],
    %(events)b::integer[]
)
