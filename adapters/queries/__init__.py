"""Answers as documents: what `--format json` prints and what the server answers, one function a question.

Promise: pure; what is given is what read models and folds gave, and nothing is read here. A time is RFC 3339 in UTC, an
id the text of a UUID, and what is not there None. `adapters/cli/README.md` lists every key.
"""

from __future__ import annotations

from datetime import UTC, datetime


def instant(time: datetime) -> str:
    """Give a time as programs read it: RFC 3339, UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


__all__ = ["instant"]
