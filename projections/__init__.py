"""Read models: what is derived from events, one a file."""
