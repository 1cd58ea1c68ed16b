-- Which names events propose as somebody's, or tell apart from them.
INSERT INTO proposed_names (digest, position)
SELECT digest, position FROM unnest(%(digests)s::bytea[], %(positions)s::bigint[]) AS said (digest, position)
ON CONFLICT (digest, position) DO NOTHING
