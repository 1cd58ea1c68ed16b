-- What the program may do: append, and maintain what is derived. It owns none of these tables. In this schema it may
-- create tables of its own: the projections, which can be made again from the log at any time.
GRANT USAGE, CREATE ON SCHEMA {ledger} TO {writer};
GRANT SELECT, INSERT ON events, facts, policies TO {writer};
GRANT SELECT ON ledger, migrations TO {writer};
GRANT SELECT, UPDATE ON head TO {writer};
GRANT SELECT, INSERT ON contact_bindings TO {writer};
GRANT SELECT, INSERT, DELETE ON contact_points, fact_places TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON names TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON suppressions TO {writer};
GRANT SELECT, INSERT, UPDATE ON tombstones TO {writer};
GRANT SELECT, INSERT, DELETE ON waiting_suppressions TO {writer};
GRANT SELECT, INSERT ON proposed_names, value_keys, visitor_names TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON stream_keys TO {writer};
GRANT SELECT, INSERT, UPDATE ON projection_checkpoints TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON projection_rebuilds TO {writer};
GRANT SELECT, INSERT ON api_keys TO {writer};
GRANT UPDATE (revoked_at) ON api_keys TO {writer};
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks, webhook_secrets, webhook_deliveries TO {writer};
