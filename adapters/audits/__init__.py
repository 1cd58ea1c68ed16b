"""Audits of what is outside the program: a trace in a file, or a ledger."""
