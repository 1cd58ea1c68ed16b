-- Most events are of these four types. Read models of the other types need not read past them.
CREATE INDEX uncommon_events ON events (topic, position)
WHERE topic <> ALL (ARRAY['DataCollected.v1', 'DataUsed.v1', 'DataShared.v1', 'MessageSent.v1']);
