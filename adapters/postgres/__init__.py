"""The ledger on PostgreSQL: connections, schema, the event store. SQL stands in .sql files, one object each."""
