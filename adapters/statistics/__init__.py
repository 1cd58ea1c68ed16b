"""Count people and browsers, and release the counts: see README.md beside this file."""
