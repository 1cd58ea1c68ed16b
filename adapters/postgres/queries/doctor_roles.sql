SELECT current_user,
    (SELECT tableowner FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'events'),
    (
        SELECT coalesce(array_agg(tgrelid::regclass::text ORDER BY tgrelid::regclass::text), '{}')
        FROM pg_trigger
        WHERE tgrelid IN ('events'::regclass, 'facts'::regclass, 'policies'::regclass, 'ledger'::regclass)
            AND NOT tgisinternal AND tgenabled = 'A'
    )
