SELECT position, source || ' ' || fact_id, topic, occurred_at, finding ->> 'promise', finding ->> 'code'
FROM {findings}
ORDER BY position
