"""The moment that a question is about.

Promise: every query of a read model takes `as_of` in one of two senses. A position asks what was known when the log was
that long; a time asks what had happened by then, from the facts of that time or earlier, whenever they arrived. Both
together (`Known`) ask what had happened by a time, of what was known at a position: nothing but an erasure changes that
answer. None asks about all that the read model has. `parse_as_of` reads one as people write it. Refused: a time
without a zone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple, TypedDict

from domain.errors import PledgerError


class Known(NamedTuple):
    """What had happened by a time, of what the log held at a position."""

    time: datetime
    position: int


Asked = int | datetime | None
"""A position of the log, a time with a zone, or None: what people ask as of."""
AsOf = Asked | Known
POSITION_MAX: Final = 2**63 - 1
"""No log is longer than its numbers."""


class AsOfWithoutZone(PledgerError):
    """A question names a time that could be any of some forty moments."""

    code = "as_of_without_zone"


class BadAsOf(PledgerError):
    """What was given as a moment is neither a position nor a time."""

    code = "bad_as_of"


class Bounds(TypedDict):
    """The two parameters that every query has for it; None leaves that side open."""

    position: int | None
    time: datetime | None


def bounds(as_of: AsOf) -> Bounds:
    """Give the parameters of a query. Raises `AsOfWithoutZone`."""
    if as_of is None or isinstance(as_of, int):
        return {"position": as_of, "time": None}
    known = as_of if isinstance(as_of, Known) else None
    time = known.time if known else as_of
    assert isinstance(time, datetime), "it is neither of the others"
    if time.utcoffset() is None:
        raise AsOfWithoutZone(
            "The time asked about has no zone.",
            "the same hour is another moment in another zone, and the answer may differ.",
            "Write it with Z or an offset, such as 2016-04-02T10:15:00Z.",
        )
    return {"position": known.position if known else None, "time": time}


def parse_as_of(text: str | None) -> Asked:
    """Read a moment: digits are a position, anything else an RFC 3339 time with a zone. Raises `BadAsOf`."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        digits = text.lstrip("0") or "0"
        if len(digits) > len(str(POSITION_MAX)) or int(digits) > POSITION_MAX:
            raise _bad("no log is so long that it has this position.")
        return int(digits)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise _bad("what is given is neither a position nor a time with a zone.") from None
    if time.utcoffset() is None:
        raise _bad("the time has no zone, and may be any of some forty moments.")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise _bad("the time is outside the years 1 to 9999 in UTC.") from None


def _bad(why: str) -> BadAsOf:
    return BadAsOf(
        "It is not clear as of when this is asked.",
        why,
        "Give a position such as 120, or a time such as 2016-04-02T10:15:00Z.",
    )
