"""Keys and sealing: who holds the key encryption key, and how personal values become envelopes."""
