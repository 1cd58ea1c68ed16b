"""How files of other systems write times. Every time is returned in UTC.

A clock reading that happened twice, because the clock was put back, is its first occurrence. One that never happened,
because the clock was put forward, is taken with the offset before the change. This is the rule of PEP 495 for fold=0.
A date without a time is its first instant.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from domain.errors import PledgerError
from domain.times import TimeUnreadable, parse_rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable

UNIX: Final = "unix"
"""The format of a time that counts the seconds since 1970."""
_LOCAL_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)


class UnknownTimeZone(PledgerError):
    """A time zone is not in the IANA list."""

    code = "unknown_time_zone"


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name. Raise `UnknownTimeZone`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(
            "Nothing was imported: the time zone is unknown.",
            f"{name!r} is not in the IANA list of time zones.",
            "Name the zone of the shop's clock, such as Europe/London.",
        ) from None


def _known_zone(name: str) -> str:
    try:
        zone_of(name)
    except UnknownTimeZone:
        code = "zone"
        raise PydanticCustomError(code, "is not in the IANA list of time zones") from None
    return name


def _usable_format(form: str) -> str:
    now = datetime(2016, 3, 14, 15, 9, 26, tzinfo=UTC)
    try:
        is_usable = form == UNIX or datetime.strptime(now.strftime(form), form).date() == now.date()  # noqa: DTZ007 - only the date is compared
    except ValueError:
        is_usable = False
    if not is_usable:
        code = "form"
        raise PydanticCustomError(code, "is neither unix nor a format such as %d/%m/%Y %H:%M, with year, month and day")
    return form


Zone = Annotated[str, AfterValidator(_known_zone)]
"""The IANA name of the zone of times without an offset."""
TimeFormat = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_usable_format)]
"""How a time is written: a format of strptime, or `unix`."""


def read_time(text: str, formats: Iterable[str], zone: ZoneInfo, *, is_local: bool = False) -> datetime:
    """Return a time in UTC; without `formats` it is ISO 8601. Raise ValueError if it is written otherwise.

    With `is_local` an ISO 8601 time needs a time of day, and must not have an offset.
    """
    if is_local and not formats and not _LOCAL_TIME.fullmatch(text):
        raise ValueError
    for form in formats or ("",):
        try:
            return _read(text, form, zone)
        except (ValueError, OverflowError, OSError):
            continue
    # Raised anew, because Python's own error quotes the text.
    raise ValueError


def _read(text: str, form: str, zone: ZoneInfo) -> datetime:
    if form == UNIX:
        return datetime.fromtimestamp(int(text), UTC)
    if not form:
        with suppress(TimeUnreadable):  # ISO 8601 has other forms besides.
            return parse_rfc3339(text)
    read = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - the zone is given next
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=zone, fold=0).astimezone(UTC)
