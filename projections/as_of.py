"""The moment that a question is about.

Promise: every query of a read model takes `as_of` in one of two senses. A position asks what was known when the log was
that long; a time asks what had happened by then, from the facts of that time or earlier, whenever they arrived. None
asks about all that the read model has. Refused: a time without a zone.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from domain.errors import PledgerError

AsOf = int | datetime | None
"""A position of the log, a time with a zone, or None."""


class AsOfWithoutZone(PledgerError):
    """A question names a time that could be any of some forty moments."""

    code = "as_of_without_zone"


class Bounds(TypedDict):
    """The two parameters that every query has for it; None leaves that side open."""

    position: int | None
    time: datetime | None


def bounds(as_of: AsOf) -> Bounds:
    """Give the parameters of a query. Raises `AsOfWithoutZone`."""
    if not isinstance(as_of, datetime):
        return {"position": as_of, "time": None}
    if as_of.utcoffset() is None:
        raise AsOfWithoutZone(
            "The time asked about has no zone.",
            "the same hour is another moment in another zone, and the answer may differ.",
            "Write it with Z or an offset, such as 2016-04-02T10:15:00Z.",
        )
    return {"position": None, "time": as_of}
