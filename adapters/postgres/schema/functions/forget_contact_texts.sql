-- Forgets the texts of contact points on streams that have a deletion in the log; their digests stay. It works with its
-- owner's rights, as destroy_value_keys does.
CREATE FUNCTION forget_contact_texts(streams uuid[], ordinals integer[]) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = {ledger}, pg_temp
AS $$
BEGIN
    UPDATE contact_points SET sealed = NULL
    FROM unnest(streams, ordinals) AS gone (stream_id, ordinal)
    WHERE contact_points.stream_id = gone.stream_id
        AND contact_points.ordinal = gone.ordinal
        AND EXISTS (
            SELECT FROM events AS deletion
            WHERE deletion.stream_id = gone.stream_id AND deletion.topic IN ('DataDeleted.v1', 'DataAnonymised.v1')
        );
END
$$;
