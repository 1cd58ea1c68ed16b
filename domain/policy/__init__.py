"""The policy as data: the shape of a policy file, and what reads it."""
