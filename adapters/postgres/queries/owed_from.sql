-- What names are owed that were given up, and comes from one of these events.
SELECT owed, since, source, ended, said FROM suppressions WHERE source = ANY (%(sources)b::bigint[])
