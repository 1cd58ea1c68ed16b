-- Deletes the keys of texts by which links to people erased at this position were proposed, or told apart: each name that
-- was one of theirs at the time of which it was said, and that leads to nobody else then. It works with its owner's rights,
-- as destroy_value_keys does, and only for an erasure that the log holds.
CREATE FUNCTION forget_proposed_names(erasure bigint) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {ledger}, pg_temp
AS $$
BEGIN
    WITH forgotten AS (
        SELECT said.position
        FROM proposed_names AS said
        JOIN events AS told USING (position)
        JOIN tombstones AS gone USING (digest)
        WHERE told.position <= erasure
            AND gone.erased_by = erasure
            AND NOT gone.is_held
            AND gone.after_end < told.occurred_at
            AND (
                told.occurred_at <= gone.until
                OR NOT EXISTS (SELECT FROM names WHERE names.digest = gone.digest AND names.stream_id IS NOT NULL)
            )
            AND EXISTS (
                SELECT FROM events AS erased WHERE erased.topic = 'CustomerErased.v1' AND erased.position = erasure
            )
    ), digests AS (
        DELETE FROM proposed_names USING forgotten WHERE proposed_names.position = forgotten.position
    )
    DELETE FROM value_keys USING forgotten WHERE value_keys.position = forgotten.position;
END
$$;
