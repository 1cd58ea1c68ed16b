-- Messages by one channel: those of a period, and those with one of these ids at any time.
SELECT position, stream_id, occurred_at, source || ' ' || fact_id, data ->> 'message_id', data ->> 'purpose',
    data ->> 'program'
FROM events
WHERE topic = 'MessageSent.v1' AND position <= %(position)s AND data ->> 'channel' = %(channel)s
    AND (
        {in_period}
        OR data ->> 'message_id' = ANY (%(message_ids)s::text[])
    )
ORDER BY position
