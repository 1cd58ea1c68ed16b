SELECT span.last, {coded_row}
FROM unnest(%(after)b::bigint[], %(last)b::bigint[]) AS span (after, last)
JOIN events ON position > span.after AND position <= span.last
WHERE data ?| ARRAY['findings', 'because', 'elsewhere']
