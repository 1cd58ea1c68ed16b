"""The rows of an orders file (CSV, UTF-8), one at a time.

Promise: every row comes out once, as an order or as a bad row with every problem in it, under the number of the line on
which it begins (a quoted field may hold line breaks). The columns are found by name; their order is free and further
ones are ignored. A problem never repeats a value. Refused, for the whole file: one that cannot be opened, is empty, or
whose first line lacks a column or names one twice.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

COLUMNS: Final = ("invoice_no", "invoiced_at", "customer_id", "country", "lines", "units", "total_gbp")

_LOCAL_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)
_NUMBERS: Final = (
    ("lines", re.compile(r"\d+", re.ASCII), "a whole number, 0 or more"),
    ("units", re.compile(r"-?\d+", re.ASCII), "a whole number"),
    ("total_gbp", re.compile(r"-?\d+(\.\d+)?", re.ASCII), "a decimal number"),
)

Kind = Literal["purchase", "cancellation", "adjustment"]


class OrdersFileUnreadable(PledgerError):
    """The orders file cannot be opened."""

    code = "orders_file_unreadable"


class OrdersFileMalformed(PledgerError):
    """The first line of the orders file does not name the columns."""

    code = "orders_file_malformed"


class UnknownTimeZone(PledgerError):
    """A time zone that the IANA list does not have."""

    code = "unknown_time_zone"


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One good row: where it begins in the file, what it is, its invoice number, its time (UTC), its customer or ""."""

    line: int
    kind: Kind
    number: str
    time: datetime
    customer: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that says no order: the line on which it begins, and every problem in it."""

    line: int
    problems: tuple[str, ...]


def zone_of(name: str) -> ZoneInfo:
    """Give the time zone of that IANA name; raises `UnknownTimeZone`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(
            "Nothing was imported: the time zone is unknown.",
            f"{name!r} is not in the IANA list of time zones.",
            "Name the zone of the shop's clock, such as Europe/London.",
        ) from None


def in_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Give the UTC time of a clock reading in `zone`.

    A reading that happened twice (the clock was put back) is taken as its first occurrence. One that never happened
    (the clock was put forward) is taken with the offset before the change, so it comes out that much later on the new
    clock. Both are the rule of PEP 495 for fold=0. Raises OverflowError outside the years 1 to 9999.
    """
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def read_rows(path: Path, zone: ZoneInfo) -> Iterator[OrderRow | BadRow]:
    """Read the file lazily; raises `OrdersFileUnreadable` and `OrdersFileMalformed`. Blank lines are passed over."""
    try:
        # A byte that is no UTF-8 becomes a lone surrogate, by which its row (and no other) is known as bad.
        file = path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as error:
        raise OrdersFileUnreadable(
            "Nothing was imported: the orders file cannot be opened.",
            f"{path}: {error.strerror or 'unreadable'}.",
            "Name a CSV file that this user may read.",
        ) from error
    with file:
        lines = _Lines(file)
        reader = csv.reader(lines, strict=True)
        parse = _Parser(_header(reader), zone)
        while True:
            line = lines.begin()
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield BadRow(line, (lines.unread_rest() or f"is not CSV: {error}",))
                continue
            if cells is None:
                return
            if cells and len(cells) != len(parse.header) and (problem := lines.unread_rest()):
                yield BadRow(line, (problem,))
            elif cells:
                yield parse(line, cells)


class _Lines:
    """The physical lines of a file, which can be given back.

    A quote that is never closed makes one row of all that follows. So a row that fails over several lines is bad in its
    first line, and the others are read again on their own.
    """

    def __init__(self, file: Iterable[str]) -> None:
        self._file = iter(file)
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = self._again.popleft() if self._again else next(self._file)
        except OSError as error:
            raise OrdersFileUnreadable(
                f"The orders file cannot be read after line {self._number}.",
                f"{error.strerror or 'unreadable'}.",
                "Mend that and import the file again: nothing is stored twice.",
            ) from error
        self._taken.append(line)
        self._number += 1
        return line

    def begin(self) -> int:
        """Begin a row, and give the number of its first line."""
        self._taken.clear()
        return self._number + 1

    def unread_rest(self) -> str:
        """Give back all lines of this row but the first, and say what is wrong with that; "" if it is the only one."""
        rest = self._taken[1:]
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)
        del self._taken[1:]
        return "opens a quote that it does not close as CSV does" if rest else ""


def _header(reader: Iterator[list[str]]) -> list[str]:
    hint = f"Give the file a first line that names {', '.join(COLUMNS)}, in UTF-8, separated by commas."
    what = "Nothing was imported: the orders file does not begin with the names of its columns."
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise OrdersFileMalformed(what, f"its first line is not CSV ({error}).", hint) from None
    if not header:
        raise OrdersFileMalformed(what, "it is empty, or its first line is blank.", hint)
    reasons = [f"{column} is missing" for column in COLUMNS if column not in header]
    reasons += [f"{column} stands there {header.count(column)} times" for column in COLUMNS if header.count(column) > 1]
    if reasons:
        raise OrdersFileMalformed(what, "; ".join(reasons) + ".", hint)
    return header


class _Parser:
    """Reads one row's cells by a header and a time zone."""

    def __init__(self, header: Sequence[str], zone: ZoneInfo) -> None:
        self.header = list(header)
        self._zone = zone
        self._number, self._time, self._customer = (header.index(column) for column in COLUMNS[:3])
        self._checks = [(column, header.index(column), pattern, expected) for column, pattern, expected in _NUMBERS]

    def __call__(self, line: int, cells: list[str]) -> OrderRow | BadRow:
        if len(cells) != len(self.header):
            return BadRow(line, (f"has {len(cells)} columns, and the first line names {len(self.header)}",))
        cells = [cell.strip() for cell in cells]
        if cells == self.header:
            return BadRow(line, ("repeats the names of the columns",))
        problems = _unstorable("".join(cells))
        number = cells[self._number]
        if not number:
            problems.append("invoice_no is empty")
        time = self._when(cells[self._time], problems)
        for column, index, pattern, expected in self._checks:
            if not pattern.fullmatch(cells[index]):
                problems.append(f"{column} is not {expected}")
        if problems or time is None:
            return BadRow(line, tuple(problems))
        return OrderRow(line, _kind(number), number, time, cells[self._customer])

    def _when(self, cell: str, problems: list[str]) -> datetime | None:
        try:
            local = datetime.fromisoformat(cell)
            if local.tzinfo is not None:
                problems.append("invoiced_at has a time zone, and this column is local time")
            elif _LOCAL_TIME.fullmatch(cell):
                return in_utc(local, self._zone)
            else:
                problems.append("invoiced_at is not a local time such as 2010-12-01T08:26:00")
        except ValueError:
            problems.append("invoiced_at is not a local time such as 2010-12-01T08:26:00")
        except OverflowError:
            problems.append("invoiced_at is outside the years 1 to 9999 in UTC")
        return None


def _kind(number: str) -> Kind:
    if number.startswith("C"):
        return "cancellation"
    return "adjustment" if number.startswith("A") else "purchase"


def _unstorable(text: str) -> list[str]:
    problems = []
    if "\x00" in text:
        problems.append("holds a NUL character, which the database cannot store")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        problems.append("is not UTF-8")
    return problems
