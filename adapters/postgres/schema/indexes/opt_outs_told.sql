-- Opt-outs in the order in which they were told: a burst of them from one source is looked for among the latest.
CREATE INDEX opt_outs_told ON events (recorded_at) WHERE topic = 'CustomerOptedOut.v1';
