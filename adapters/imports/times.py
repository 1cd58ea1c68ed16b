"""How files of other systems write times.

Promise: every time comes out in UTC. A reading of a clock that happened twice (the clock was put back) is its first
occurrence, one that never happened (the clock was put forward) comes out that much later on the new clock, and a bare
date is its first instant. Refused: a time that is not written in one of the forms that are asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from adapters.imports.order_rows import in_utc

if TYPE_CHECKING:
    from collections.abc import Iterable

UNIX: Final = "unix"
"""The form of a time that counts the seconds since 1970."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        code = "zone"
        raise PydanticCustomError(code, "is not in the IANA list of time zones") from None
    return name


def _usable_form(form: str) -> str:
    now = datetime(2016, 3, 14, 15, 9, 26, tzinfo=UTC)
    try:
        is_usable = form == UNIX or datetime.strptime(now.strftime(form), form).date() == now.date()  # noqa: DTZ007 - only the date is looked at
    except ValueError:
        is_usable = False
    if not is_usable:
        code = "form"
        raise PydanticCustomError(code, "is neither unix nor a form such as %d/%m/%Y %H:%M, with year, month and day")
    return form


Zone = Annotated[str, AfterValidator(_known_zone)]
"""A zone of the IANA list, of times that name none."""
Form = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_usable_form)]
"""How a time is written: as strptime has it, or `unix`."""


def read_time(text: str, forms: Iterable[str], zone: ZoneInfo) -> datetime:
    """Give a time in UTC; without `forms` it is ISO 8601. Raises ValueError where it is written otherwise."""
    for form in forms or ("",):
        try:
            return _read(text, form, zone)
        except (ValueError, OverflowError, OSError):
            continue
    # Raised anew, because Python's own error quotes the text.
    raise ValueError


def _read(text: str, form: str, zone: ZoneInfo) -> datetime:
    if form == UNIX:
        return datetime.fromtimestamp(int(text), UTC)
    read = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - the zone is given next
    return read.astimezone(UTC) if read.tzinfo else in_utc(read, zone)
