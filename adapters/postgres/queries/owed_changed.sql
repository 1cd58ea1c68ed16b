-- Tell all who plan appends that something is owed without an event.
UPDATE head SET owed_changes = owed_changes + 1 WHERE one
