SELECT facts.source, facts.fact_id, facts.digest, facts.stream_id, facts.position, facts.events,
    facts.flagged
FROM unnest(%(source)b::text[], %(fact_id)b::text[]) AS asked (source, fact_id)
JOIN facts USING (source, fact_id)
