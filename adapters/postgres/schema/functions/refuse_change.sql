-- Refuses UPDATE, DELETE and TRUNCATE of the log and of what identifies it.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'An event stays as it is. Append one that corrects the entry.';
END
$$;
