SELECT position, position - part, topic, occurred_at, finding ->> 'promise', finding ->> 'code'
FROM {findings}
ORDER BY position
