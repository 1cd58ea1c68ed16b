"""The server: the ledger over HTTP, for services in any language."""
