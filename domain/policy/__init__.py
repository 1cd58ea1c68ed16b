"""The policy as data: its file, the judge, and what is in force."""
