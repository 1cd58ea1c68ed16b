"""What is derived from events: one read model a file."""
