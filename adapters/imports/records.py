"""The records of a CSV file, whatever its quotes do.

Promise: every record comes out once, with the number of its first line, as cells or as what is wrong with it. A quote
that is never closed would make one record of all that follows; so a record that does not end within some lines, or has
other columns than the first one, or a line break in a cell of `places`, is bad in its first line, and the others are
read again on their own. Blank lines are passed over.
"""

from __future__ import annotations

import csv
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

RECORD_LINES_MAX: Final = 50
"""A quoted cell may go over so many lines."""
LINE_BYTES_MAX: Final = 262_144


class BadRecord(NamedTuple):
    """A line that begins no record: its text, and what is wrong with it."""

    text: str
    problem: str = "is not CSV, or opens a quote that it does not close"


class Records:
    """Reads numbered lines, each with its line end, as records; the first one says how many columns there are.

    `places` are the columns, by index, in which a line break shows that a quote was not meant.
    """

    def __init__(self, lines: Iterator[tuple[int, str]], delimiter: str) -> None:
        self.places: Collection[int] = ()
        self._lines = lines
        self._delimiter = delimiter
        self._again: deque[tuple[int, str]] = deque()
        self._columns = 0

    def __iter__(self) -> Iterator[tuple[int, list[str] | BadRecord]]:
        """Give the records that are left."""
        while (first := self._next()) is not None:
            if first[1].strip():
                yield first[0], self._record(first)

    def _next(self) -> tuple[int, str] | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _record(self, first: tuple[int, str]) -> list[str] | BadRecord:
        taken, quotes = [first], first[1].count('"')
        # A quote inside a quoted cell is doubled, so a record ends where their number is even.
        while quotes % 2 and len(taken) < RECORD_LINES_MAX and (following := self._next()) is not None:
            taken.append(following)
            quotes += following[1].count('"')
        reader = csv.reader([text for _, text in taken], delimiter=self._delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            cells = []
        self._columns = self._columns or len(cells)
        is_whole = cells and (reader.line_num == 1 or self._may_be_one(cells))
        self._again.extendleft(reversed(taken[reader.line_num if is_whole else 1 :]))
        return cells if is_whole else BadRecord(first[1].rstrip("\r\n"))

    def _may_be_one(self, cells: list[str]) -> bool:
        return len(cells) == self._columns and not any("\n" in cells[place] for place in self.places)
