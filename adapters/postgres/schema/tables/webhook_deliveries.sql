-- The events that a webhook has not been sent yet; never their content. A row is deleted once it is delivered. person:
-- whose events are sent one after the other. due_at: the time of the next attempt; infinity: somebody has to look at it
-- first.
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
