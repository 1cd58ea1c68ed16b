-- Deletes the keys of all values on streams that the log says were erased. It works with its owner's rights: the program
-- may not delete from the table itself, so that nobody can empty it in its name.
CREATE FUNCTION destroy_value_keys(streams uuid[]) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {ledger}, pg_temp
AS $$
BEGIN
    DELETE FROM value_keys
    USING events AS told
    JOIN events AS erased ON erased.stream_id = told.stream_id AND erased.topic = 'CustomerErased.v1'
    WHERE told.stream_id = ANY (streams) AND value_keys.position = told.position;
END
$$;
