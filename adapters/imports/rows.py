"""The rows of a file that a mapping describes, CSV or JSON Lines, one at a time.

Promise: every row comes out once, with the number of the line on which it begins, with its mapped cells or with what is
wrong with it; one bad row keeps no other from being read. Rows without anything in them are passed over. Memory does
not grow with the file. Refused, for the whole file: one that cannot be read, that is no text, or whose first line does
not name the mapped columns once each.
"""

from __future__ import annotations

import csv
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from adapters.imports.json_rows import object_row
from adapters.imports.records import LINE_BYTES_MAX, BadRecord, Records
from adapters.imports.row import ADDED, CUT, Reason, Row, Shape, cut_short, plain, unstorable
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from adapters.imports.mapping import Mapping

DELIMITERS: Final = (",", ";", "\t", "|")
_HEADERS_SHOWN: Final = 60
_NOT_CSV: Final = Reason(
    "not_csv", "The line is not CSV, opens a quote that it does not close, or holds a cell that is too long."
)
_PERSONAL: Final = re.compile(r"@|\d{4}")
_NO_TEXT: Final = {
    b"PK\x03\x04": "it is an Excel workbook or another archive",
    b"\xd0\xcf\x11\xe0": "it is an old Excel workbook",
    b"\x1f\x8b": "it is compressed",
    b"\xff\xfe": "it is in UTF-16",
    b"\xfe\xff": "it is in UTF-16",
}


class RowsFileUnreadable(PledgerError):
    """A file of rows cannot be read, or is no text."""

    code = "rows_file_unreadable"


class ColumnsNotFound(PledgerError):
    """The first line of a file of rows does not name the columns of the mapping, once each."""

    code = "columns_not_found"


@dataclass(frozen=True, slots=True)
class Rows:
    """A file that is open for reading, from its first row on."""

    shape: Shape
    stream: Iterator[Row]


@contextmanager
def opened(path: Path, mapping: Mapping) -> Iterator[Rows]:
    """Open a file; raises `RowsFileUnreadable` and `ColumnsNotFound`, the former also while it is read."""
    try:
        if not path.is_file():
            raise _unreadable("it is missing, or is no file; it is read twice, so it cannot come through a pipe")
        file = path.open("rb")
    except (OSError, ValueError) as error:
        raise _unreadable((isinstance(error, OSError) and error.strerror) or "its name cannot be used") from error
    with file:
        yield _Reader(file, mapping).rows()


def _unreadable(why: str) -> RowsFileUnreadable:
    return RowsFileUnreadable(
        "Nothing was imported: the file cannot be read.",
        f"{why}.",
        "Give a text file that this user may read: CSV, as spreadsheets save it, or JSON Lines.",
    )


class _Reader:
    """Reads one file."""

    def __init__(self, file: BinaryIO, mapping: Mapping) -> None:
        self._file = file
        self._mapping = mapping
        self._wanted = mapping.wanted()
        self._mark = False

    def rows(self) -> Rows:
        mapping, lines = self._mapping, self._lines()
        if mapping.format == "jsonl":
            first = next(lines, None)
            shape = Shape(is_csv=False, encoding=mapping.encoding, has_mark=self._mark)
            return Rows(shape, self._objects(lines, first))
        number, text = next(((number, text) for number, text in lines if text.strip()), (0, ""))
        delimiter = self._delimiter(text)
        if re.fullmatch(r"sep=.\s*", text):  # By this line a spreadsheet knows the delimiter.
            number, text = next(lines, (0, ""))
        records = Records(_with((number, text), lines), delimiter)
        header = self._header(records)
        shape = Shape(
            is_csv=True,
            encoding=mapping.encoding,
            has_mark=self._mark,
            delimiter=delimiter,
            line_end="\r\n" if text.endswith("\r\n") else "\n",
            header=tuple(header[self._skipped(header) :]),
        )
        return Rows(shape, self._records(records, header))

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Give each line with its number; one that is too long is cut, which fails its row."""
        number = 0
        try:
            while raw := self._file.readline(LINE_BYTES_MAX):
                number += 1
                if number == 1:
                    for mark, why in _NO_TEXT.items():
                        if raw.startswith(mark):
                            raise _unreadable(why)
                    self._mark = raw.startswith(b"\xef\xbb\xbf")
                    raw = raw.removeprefix(b"\xef\xbb\xbf")
                rest, cut = raw, b""
                while rest and not rest.endswith(b"\n"):
                    rest = self._file.readline(LINE_BYTES_MAX)
                    cut = cut or rest
                # A byte that the encoding lacks becomes a lone surrogate, by which its row, and no other, is known.
                text = raw.decode(self._mapping.encoding, errors="surrogateescape")
                yield number, f"{text}{CUT}\n" if cut else text
        except OSError as error:
            raise RowsFileUnreadable(
                f"The file cannot be read after line {number}.",
                f"{error.strerror or 'the operating system refused'}.",
                "Mend that and import the file again: nothing is stored twice.",
            ) from error

    # CSV

    def _delimiter(self, text: str) -> str:
        if self._mapping.delimiter != "auto":
            return self._mapping.delimiter
        if found := re.fullmatch(r"sep=([,;\t|])\s*", text):
            return found[1]
        wanted = set(self._wanted)
        return max(DELIMITERS, key=lambda one: len(wanted & set(_cells(text, one))))

    def _header(self, records: Records) -> list[str]:
        _, record = next(iter(records), (0, None))
        header = [cell.strip() for cell in record] if isinstance(record, list) else []
        may_lack = set(self._mapping.optional)
        lacking = [column for column in self._wanted if column not in header and column not in may_lack]
        twice = [column for column in self._wanted if header.count(column) > 1]
        if not lacking and not twice:
            return header
        why = [f"its first line lacks {', '.join(lacking)}"] if lacking else []
        why += [f"its first line names more than once {', '.join(twice)}"] if twice else []
        # Without its first line a file begins with somebody's data, so what stands there is told only where it is
        # a header, and nothing that looks like an address or a number.
        if set(self._wanted) & set(header):
            shown = [cell for cell in header if cell and not _PERSONAL.search(cell)][:_HEADERS_SHOWN]
            why.append(f"it names {', '.join(shown)}")
        raise ColumnsNotFound(
            "Nothing was imported: the file does not begin with the columns of the mapping.",
            "; ".join(why) + ".",
            "Copy the mapping and name the columns as this file does; list under optional what it may lack.",
        )

    def _records(self, records: Records, header: list[str]) -> Iterator[Row]:
        places = {column: header.index(column) for column in self._wanted if column in header}
        columns = self._mapping.columns
        # Numbers, names and times hold no line breaks; addresses may.
        records.places = {places[column] for _, column in columns if column in places}
        skipped = self._skipped(header)
        lacking = dict.fromkeys((column for column in self._wanted if column not in places), "")
        for line, record in records:
            if isinstance(record, BadRecord):
                yield Row(line, {}, record.text, cut_short([record.text]) or _NOT_CSV)
            elif any(map(str.strip, record[skipped:])):
                cells, own = {}, record[skipped:]
                problem = cut_short(record) or unstorable(record)
                if len(record) != len(header):
                    problem = Reason("column_count", f"It has {len(record)} cells, and the first line {len(header)}.")
                elif problem is None:
                    cells = {column: plain(record[place]) for column, place in places.items()} | lacking
                yield Row(line, cells, own, problem)

    @staticmethod
    def _skipped(header: list[str]) -> int:
        """Give how many columns at the beginning are those that an earlier import added."""
        return len(ADDED) if tuple(header[: len(ADDED)]) == ADDED else 0

    # JSON Lines

    def _objects(self, lines: Iterator[tuple[int, str]], first: tuple[int, str] | None) -> Iterator[Row]:
        for line, text in _with(first, lines):
            if text.strip():
                yield object_row(line, text.strip(), self._wanted)


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _with(first: tuple[int, str] | None, lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    if first is not None:
        yield first
    yield from lines
