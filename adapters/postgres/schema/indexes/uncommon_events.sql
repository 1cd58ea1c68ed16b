-- Most events are of these four kinds. Whatever is made from the others alone need not read past them.
CREATE INDEX uncommon_events ON events (topic, position)
WHERE topic <> ALL (ARRAY['DataCollected.v1', 'DataUsed.v1', 'DataShared.v1', 'MessageSent.v1']);
