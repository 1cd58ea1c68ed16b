"""A worked example: a tiny shop that works with a ledger."""
