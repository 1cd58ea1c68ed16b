-- Shares with these recipients: those of a period, and those of these streams at any time.
SELECT position, stream_id, occurred_at, position - part, data ->> 'recipient', data ->> 'reference_code',
    data -> 'relies_on'
FROM events
WHERE topic = 'DataShared.v1' AND position <= %(position)s AND data ->> 'recipient' = ANY (%(recipients)s::text[])
    AND (
        {in_period}
        OR stream_id = ANY (%(streams)s::uuid[])
    )
ORDER BY position
