-- What is recorded stays: raised for UPDATE, DELETE and TRUNCATE of the log and what identifies it.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'Events are facts. Append one that corrects the entry.';
END
$$;
