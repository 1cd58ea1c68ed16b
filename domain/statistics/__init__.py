"""Counting people and browsers: dimensions, small groups, and what may be released."""
