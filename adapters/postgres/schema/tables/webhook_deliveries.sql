-- What a webhook is yet to be told: which event, never what it says. A row goes when it has been told. person: whose events
-- wait for each other. due_at: of the next attempt; infinity: somebody has to look at it first.
CREATE TABLE webhook_deliveries (
    webhook text NOT NULL,
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    person uuid NOT NULL,
    attempts integer NOT NULL,
    due_at timestamptz NOT NULL,
    failing_since timestamptz,
    failed_by text,
    PRIMARY KEY (webhook, position)
);
CREATE INDEX webhook_deliveries_of_person ON webhook_deliveries (webhook, person, position);
