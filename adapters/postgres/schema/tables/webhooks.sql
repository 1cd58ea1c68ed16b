-- Other systems that are sent opt-outs, corrections, erasures and changes of verdicts, each at an address of its own.
-- position: how far the log has been read for it. compared: how far it has been worked out for it which verdicts changed.
-- failures, failing_since: of attempts since the last success.
CREATE TABLE webhooks (
    name text NOT NULL PRIMARY KEY,
    url text NOT NULL,
    kinds text[] NOT NULL,
    allows_private boolean NOT NULL,
    created_at timestamptz NOT NULL,
    position bigint NOT NULL,
    compared bigint NOT NULL,
    delivered bigint NOT NULL,
    delivered_at timestamptz,
    failures integer NOT NULL,
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_by text
);
