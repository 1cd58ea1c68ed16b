"""Who may do what: roles, scopes, and the API keys that carry them."""
