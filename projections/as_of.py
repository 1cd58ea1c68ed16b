"""The moment that a question is about: `as_of`, which every question to a read model takes.

- A position asks what was known when the log was that long.
- A time asks what had happened by then, from the facts of that time or earlier, whenever they arrived.
- Both together (`KnownAt`) ask what had happened by a time, of what was known at a position. Only an erasure changes
  that answer.
- None asks about everything that the read model has.

A time without a zone is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple, TypedDict

from domain.errors import PledgerError
from domain.times import TimeUnreadable, parse_rfc3339


class KnownAt(NamedTuple):
    """What had happened by a time, of what was known at a position."""

    time: datetime
    position: int


PositionOrTime = int | datetime | None
"""A position of the log, a time with a zone, or None: what people can ask as of."""
AsOf = PositionOrTime | KnownAt
POSITION_MAX: Final = 2**63 - 1
"""The greatest position that a log can have: that of a bigint."""


class AsOfWithoutZone(PledgerError):
    """A question names a time without a zone."""

    code = "as_of_without_zone"


class BadAsOf(PledgerError):
    """The text given as a moment is neither a position nor a time with a zone."""

    code = "bad_as_of"


class Bounds(TypedDict):
    """The two parameters of a query; None leaves that side open."""

    position: int | None
    time: datetime | None


def bounds(as_of: AsOf) -> Bounds:
    """Return the parameters of a query. Raises `AsOfWithoutZone`."""
    if as_of is None or isinstance(as_of, int):
        return {"position": as_of, "time": None}
    known = as_of if isinstance(as_of, KnownAt) else None
    time = known.time if known else as_of
    assert isinstance(time, datetime), "the other kinds were handled above"
    if time.utcoffset() is None:
        raise AsOfWithoutZone(
            "The time asked about has no zone.",
            "the same hour is a different moment in each zone, and the answer may differ.",
            "Write it with Z or an offset, such as 2016-04-02T10:15:00Z.",
        )
    return {"position": known.position if known else None, "time": time}


def parse_as_of(text: str | None) -> PositionOrTime:
    """Read a moment: digits are a position, anything else is an RFC 3339 time with a zone. Raises `BadAsOf`."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        digits = text.lstrip("0") or "0"
        if len(digits) > len(str(POSITION_MAX)) or int(digits) > POSITION_MAX:
            raise _bad("no log is long enough to have this position.")
        return int(digits)
    try:
        return parse_rfc3339(text)
    except TimeUnreadable as error:
        raise _bad(f"the text is not a position, and the time {error}.") from None


def _bad(why: str) -> BadAsOf:
    return BadAsOf(
        "The moment that the question is about is not clear.",
        why,
        "Give a position such as 120, or a time such as 2016-04-02T10:15:00Z.",
    )
