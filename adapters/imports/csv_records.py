"""The records of a CSV file in which some quotes may never close.

An open quote would make one record of all that follows. So a record is bad in its first line only, and its other lines
are read again, if it does not end within `RECORD_LINES_MAX` lines, has another number of cells than the first record,
or has a line break in a column that cannot have one. Blank lines are skipped.
"""

from __future__ import annotations

import csv
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

RECORD_LINES_MAX: Final = 50
"""A quoted cell may span this many lines."""


class BadRecord(NamedTuple):
    """The text of a line that is not CSV, or opens a quote that it does not close."""

    text: str


class CsvRecords:
    """Reads numbered lines, each with its line end, as records; the first record sets the number of cells.

    `single_line` are the columns, by index, that cannot hold a line break.
    """

    def __init__(self, lines: Iterator[tuple[int, str]], delimiter: str) -> None:
        self.single_line: Collection[int] = ()
        self._lines = lines
        self._delimiter = delimiter
        self._again: deque[tuple[int, str]] = deque()
        self._columns = 0

    def __iter__(self) -> Iterator[tuple[int, list[str] | BadRecord]]:
        """Yield each remaining record with the number of its first line."""
        while (first := self._next()) is not None:
            if first[1].strip():
                yield first[0], self._record(first)

    def _next(self) -> tuple[int, str] | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _record(self, first: tuple[int, str]) -> list[str] | BadRecord:
        taken, quotes = [first], first[1].count('"')
        # A quote inside a quoted cell is doubled, so a record ends where the number of quotes is even.
        while quotes % 2 and len(taken) < RECORD_LINES_MAX and (following := self._next()) is not None:
            taken.append(following)
            quotes += following[1].count('"')
        reader = csv.reader([text for _, text in taken], delimiter=self._delimiter, strict=True)
        try:
            cells = next(reader)
        except csv.Error:
            cells = []
        self._columns = self._columns or len(cells)
        is_whole = cells and (reader.line_num == 1 or self._may_span_lines(cells))
        self._again.extendleft(reversed(taken[reader.line_num if is_whole else 1 :]))
        return cells if is_whole else BadRecord(first[1].rstrip("\r\n"))

    def _may_span_lines(self, cells: list[str]) -> bool:
        return len(cells) == self._columns and not any("\n" in cells[index] for index in self.single_line)
