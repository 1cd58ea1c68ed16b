-- What is on record about incidents, with its seal, so that their names can be opened.
SELECT position
FROM events
WHERE topic = 'IncidentRecorded.v1'
ORDER BY occurred_at, position
