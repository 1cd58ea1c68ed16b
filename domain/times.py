"""Times as text: the one way in which they are read and written, RFC 3339."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Before this, a time comes from a clock that was not set, unless a setting of the ledger moves the bound."""
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)

_RFC_3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(?:\.[0-9]+)?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?"
)
_IN_UTC: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
"""As most senders write it; it takes half as long to tell."""
_LEAP_SECOND: Final = "60"
_SECONDS: Final = slice(17, 19)
_LAST_MINUTE: Final = (23, 59)
_LAST_MICROSECOND: Final = 999_999


class TimeUnreadable(ValueError):
    """A text is not a time. The message goes on from the name of a field, and does not repeat the text."""


def later(at: datetime, span: timedelta) -> datetime:
    """Return the time a span after another, or the last time that there is; the span may also lead back."""
    try:
        return at + span
    except OverflowError:
        return _LAST if span > timedelta(0) else _FIRST


def next_instant(at: datetime) -> datetime:
    """Return the first time after another one, or the last time that there is."""
    return later(at, timedelta.resolution)


def in_utc(time: datetime) -> datetime:
    """Return a time with a zone in UTC. Raise `TimeUnreadable` outside of the years that the calendar has there."""
    try:
        return time.astimezone(UTC)
    except OverflowError:
        message = "is outside the years 1 to 9999 in UTC"
        raise TimeUnreadable(message) from None


def rfc3339(time: datetime) -> str:
    """Return a time with a zone as RFC 3339 in UTC, such as 2016-04-02T10:15:00Z."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def screen_time(time: datetime) -> str:
    """Return a time with a zone as people read it on a screen or a page: 2016-04-02 10:15 UTC."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def parse_rfc3339(text: str) -> datetime:
    """Return the time in UTC that a text names; what is finer than a microsecond is cut off.

    A leap second, 23:59:60 in UTC, is read as the last microsecond before it: no clock of ours shows 60. Raises
    `TimeUnreadable`.
    """
    if _IN_UTC.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise _no_such_day() from None
    found = _RFC_3339.fullmatch(text)
    if found is None:
        message = "must be an RFC 3339 time such as 2016-04-02T10:15:00Z"
        raise TimeUnreadable(message)
    second, zone = found.groups()
    if zone is None:
        message = "has no time zone; write it with Z or an offset"
        raise TimeUnreadable(message)
    if second == _LEAP_SECOND:
        return _before_leap_second(text)
    return _in_utc(text)


def _in_utc(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text if text[-1] != "z" else text[:-1] + "Z")
    except ValueError:
        raise _no_such_day() from None
    return time if time.tzinfo is UTC else in_utc(time)


def _no_such_day() -> TimeUnreadable:
    return TimeUnreadable("is a day that the calendar does not have")


def _before_leap_second(text: str) -> datetime:
    time = _in_utc(text[: _SECONDS.start] + "59" + text[_SECONDS.stop :])
    if (time.hour, time.minute) != _LAST_MINUTE:
        message = "has second 60 where no leap second can be; one is at 23:59:60 in UTC"
        raise TimeUnreadable(message)
    return time.replace(microsecond=_LAST_MICROSECOND)
