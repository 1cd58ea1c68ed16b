-- What the log holds for a webhook beyond where it has been looked through; the topics are none of the common ones.
SELECT count(*), min(recorded_at) FROM events
WHERE topic = ANY (%(topics)s::text[])
    AND topic <> ALL (ARRAY['DataCollected.v1', 'DataUsed.v1', 'DataShared.v1', 'MessageSent.v1'])
    AND position > %(after)s
    AND (topic <> 'SuppressionRecalled.v1' OR data ? 'program')
