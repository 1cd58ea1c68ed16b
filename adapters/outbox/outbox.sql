-- The outbox of a shop, in the shop's own database (PostgreSQL 13 or later). Running this again changes nothing.
-- A row is written in the transaction that does what its fact states: INSERT INTO pledger_outbox (event) VALUES ('{…}').

CREATE TABLE IF NOT EXISTS pledger_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event json NOT NULL,  -- A whole CloudEvent, as it was written: jsonb would drop a key that is given twice.
    subject text GENERATED ALWAYS AS (event ->> 'subject') STORED,
    -- The transaction that wrote it: the relay delivers no row while an older transaction is open.
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    written_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    parked_at timestamptz,
    reason text  -- Why it was parked, or failed the last time; no personal value.
);

CREATE INDEX IF NOT EXISTS pledger_outbox_waiting ON pledger_outbox (id)
WHERE delivered_at IS NULL AND parked_at IS NULL;
CREATE INDEX IF NOT EXISTS pledger_outbox_delivered ON pledger_outbox (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS pledger_outbox_parked ON pledger_outbox (id) WHERE parked_at IS NOT NULL;

-- Wakes the relay at the commit. The relay also looks every second, so without the trigger a row waits a second.
CREATE OR REPLACE FUNCTION pledger_outbox_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY pledger_outbox;
    RETURN NULL;
END;
$$;

DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = 'pledger_outbox'::regclass AND tgname = 'pledger_outbox_written'
    ) THEN
        CREATE TRIGGER pledger_outbox_written AFTER INSERT ON pledger_outbox
        FOR EACH STATEMENT EXECUTE FUNCTION pledger_outbox_written();
    END IF;
END;
$$;
