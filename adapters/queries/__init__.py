"""One function for each question that can be put to a ledger.

Each finds whom the question names, reads the log or the read models, and returns the answer as a document. The command
line and the server both ask here, so that they cannot answer differently. In a document a time is RFC 3339 in UTC, an
id is the text of a UUID, and what is not there is None. `adapters/cli/README.md` lists every key.
"""
