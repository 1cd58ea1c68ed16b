-- What remembered records rest on.
SELECT size, owed_changes FROM head WHERE one
