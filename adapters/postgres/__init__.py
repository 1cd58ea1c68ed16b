"""The ledger on PostgreSQL: connections, schema, event store. SQL is in .sql files, one object each."""
