"""The one way in which times are written: RFC 3339, in UTC, with a Z."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def rfc3339(time: datetime) -> str:
    """Return a time with a zone as RFC 3339 in UTC, such as 2016-04-02T10:15:00Z."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
