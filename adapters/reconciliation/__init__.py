"""The comparison of files of other systems with the ledger: what happened and is not recorded, and the reverse."""
