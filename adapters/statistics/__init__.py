"""Counting people and browsers, and releasing the counts: see README.md beside this file."""
