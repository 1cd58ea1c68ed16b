-- The events that a webhook has not been sent yet; never their content. A row is deleted once it is delivered. number:
-- the order in which they were queued. person: whose events are sent one after the other. known_at, broke_then,
-- breaks_now: of a verdict that changed, up to which position the log was read, which promises the fact broke by what
-- was found when it was appended, and which by what was known at that position; else null. due_at: the time of the next
-- attempt; infinity: somebody has to look at it first.
CREATE TABLE webhook_deliveries (
    webhook text NOT NULL,
    number bigint NOT NULL,
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    person uuid NOT NULL,
    known_at bigint,
    broke_then text[],
    breaks_now text[],
    attempts integer NOT NULL,
    due_at timestamptz NOT NULL,
    failing_since timestamptz,
    failed_by text,
    PRIMARY KEY (webhook, number)
);
CREATE INDEX webhook_deliveries_of_person ON webhook_deliveries (webhook, person, number);
