"""Holding files of other systems against the ledger: what happened and is not recorded, and the reverse."""
