-- Takes keys of values from the rows of events: `kept` is what is left of each row, null where nothing is. Only a row
-- whose stream has a later deletion in the log can be cut. It works with its owner's rights, as destroy_value_keys does.
CREATE FUNCTION cut_value_keys(positions bigint[], kept bytea[]) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {ledger}, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM unnest(positions, kept) AS cut (position, kept)
        LEFT JOIN value_keys ON value_keys.position = cut.position
        LEFT JOIN events AS told ON told.position = cut.position
        WHERE coalesce(length(cut.kept) >= length(value_keys.wrapped), false)
            OR NOT EXISTS (
                SELECT FROM events AS deletion
                WHERE deletion.stream_id = told.stream_id
                    AND deletion.version > told.version
                    AND deletion.topic IN ('DataDeleted.v1', 'DataAnonymised.v1')
            )
    ) THEN
        RAISE EXCEPTION 'no deletion in the log says that these values go'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    UPDATE value_keys SET wrapped = cut.kept
    FROM unnest(positions, kept) AS cut (position, kept)
    WHERE value_keys.position = cut.position AND cut.kept IS NOT NULL;
    DELETE FROM value_keys
    USING unnest(positions, kept) AS cut (position, kept)
    WHERE value_keys.position = cut.position AND cut.kept IS NULL;
END
$$;
