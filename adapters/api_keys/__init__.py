"""API keys, with their roles and scopes."""
