"""The reader of files of other systems: CSV or JSON Lines, as a mapping describes them.

Each row comes out once, with the number of its first line, and with its mapped cells or with what is wrong with it. One
bad row stops no other. Blank lines are skipped. Memory does not grow with the file.
"""

from __future__ import annotations

import csv
import hashlib
import re
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Final

from adapters.imports.csv_records import BadRecord, CsvRecords
from adapters.imports.lines import bounded_lines
from adapters.imports.rows import (
    ADDED_COLUMNS,
    CUT,
    LINE_BYTES_MAX,
    FileFormat,
    Reason,
    Row,
    clean_cell,
    json_row,
    not_text,
    too_long,
)
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from adapters.imports.mapping_file import TableMapping

DELIMITERS: Final = (",", ";", "\t", "|")
_HEADERS_SHOWN: Final = 60
_NOT_CSV: Final = Reason(
    "not_csv", "The line is not CSV, opens a quote that it does not close, or holds a cell that is too long."
)
_PERSONAL: Final = re.compile(r"@|\d{4}")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_NOT_TEXT_FILES: Final = {
    b"PK\x03\x04": "it is an Excel workbook or another archive",
    b"\xd0\xcf\x11\xe0": "it is an old Excel workbook",
    b"\x1f\x8b": "it is compressed",
    b"\xff\xfe": "it is in UTF-16",
    b"\xfe\xff": "it is in UTF-16",
}


class RowsFileUnreadable(PledgerError):
    """A file of rows cannot be read, or is not text."""

    code = "rows_file_unreadable"

    def __init__(
        self, path: Path | str, why: str, hint: str = "Give a text file that this user may read, CSV or JSON Lines."
    ) -> None:
        super().__init__(f"The file {path} cannot be read.", f"{why}.", hint)


class ColumnsNotFound(PledgerError):
    """The first line of a file of rows does not name each column of the mapping once."""

    code = "columns_not_found"


@contextmanager
def open_table(path: Path, mapping: TableMapping) -> Iterator[TableReader]:
    """Open a file. Raise `RowsFileUnreadable`, also while it is read, and `ColumnsNotFound`."""
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or "its name cannot be used"
        raise RowsFileUnreadable(path, why) from error
    with file:
        yield TableReader(file, mapping)


class TableReader:
    """One open file: its `format`, and its `rows` to iterate over once."""

    def __init__(self, file: BinaryIO, mapping: TableMapping) -> None:
        self._file = file
        self._mapping = mapping
        self._columns = mapping.wanted()
        self._digest = hashlib.sha256()
        self._has_mark = False
        lines = self._lines()
        first = next(lines, None)
        if mapping.format == "jsonl":
            self.format = FileFormat(is_csv=False, encoding=mapping.encoding, has_byte_order_mark=self._has_mark)
            self.rows = self._json_rows(lines if first is None else chain([first], lines))
            return
        while first is not None and not first[1].strip():
            first = next(lines, None)
        delimiter = self._delimiter(first[1] if first else "")
        if first and re.fullmatch(r"sep=.\s*", first[1]):  # A spreadsheet learns the delimiter from this line.
            first = next(lines, None)
        number, text = first or (0, "")
        records = CsvRecords(chain([(number, text)], lines), delimiter)
        header = self._header(records)
        self.format = FileFormat(
            is_csv=True,
            encoding=mapping.encoding,
            has_byte_order_mark=self._has_mark,
            delimiter=delimiter,
            line_end="\r\n" if text.endswith("\r\n") else "\n",
            header=tuple(header[_added(header) :]),
        )
        self.rows = self._csv_rows(records, header)

    @property
    def sha256(self) -> str:
        """The SHA-256 of all bytes that were read so far, in hex."""
        return self._digest.hexdigest()

    def _readline(self, size: int) -> bytes:
        line = self._file.readline(size)
        self._digest.update(line)
        return line

    def _lines(self) -> Iterator[tuple[int, str]]:
        number = 0
        try:
            for number, line, is_cut in bounded_lines(self._readline, LINE_BYTES_MAX):
                start = b""
                if number == 1:
                    for magic, why in _NOT_TEXT_FILES.items():
                        if line.startswith(magic):
                            raise RowsFileUnreadable(self._file.name, why)
                    self._has_mark = line.startswith(_BYTE_ORDER_MARK)
                    start = _BYTE_ORDER_MARK
                # A byte that the encoding lacks becomes a lone surrogate, which makes its row bad and no other.
                text = line.removeprefix(start).decode(self._mapping.encoding, errors="surrogateescape")
                yield number, f"{text}{CUT}\n" if is_cut else text
        except OSError as error:
            why = f"after line {number}: {error.strerror or 'the operating system refused'}"
            hint = "Solve that and read the file again: nothing is stored twice."
            raise RowsFileUnreadable(self._file.name, why, hint) from error

    # CSV

    def _delimiter(self, text: str) -> str:
        if self._mapping.delimiter != "auto":
            return self._mapping.delimiter
        if found := re.fullmatch(r"sep=([,;\t|])\s*", text):
            return found[1]
        wanted = set(self._columns)
        return max(DELIMITERS, key=lambda one: len(wanted & set(_cells(text, one))))

    def _header(self, records: CsvRecords) -> list[str]:
        _, record = next(iter(records), (0, None))
        header = [cell.strip() for cell in record] if isinstance(record, list) else []
        may_be_missing = set(self._mapping.optional)
        missing = [column for column in self._columns if column not in header and column not in may_be_missing]
        repeated = [column for column in self._columns if header.count(column) > 1]
        if not missing and not repeated:
            return header
        why = [f"its first line lacks {', '.join(missing)}"] if missing else []
        why += [f"its first line names more than once {', '.join(repeated)}"] if repeated else []
        # Without a header the first line holds a person's data. So the error shows it only if it names a wanted column,
        # and leaves out what looks like an address or a number.
        if set(self._columns) & set(header):
            shown = [cell for cell in header if cell and not _PERSONAL.search(cell)][:_HEADERS_SHOWN]
            why.append(f"it names {', '.join(shown)}")
        raise ColumnsNotFound(
            "The file does not begin with the columns of the mapping.",
            "; ".join(why) + ".",
            "Name the columns in the mapping as the file does, or list those that it may lack under optional.",
        )

    def _csv_rows(self, records: CsvRecords, header: list[str]) -> Iterator[Row]:
        places = {column: header.index(column) for column in self._columns if column in header}
        records.single_line = {places[column] for column in self._mapping.single_line() if column in places}
        added = _added(header)
        missing = dict.fromkeys((column for column in self._columns if column not in places), "")
        for line, record in records:
            if isinstance(record, BadRecord):
                yield Row(line, {}, record.text, too_long([record.text]) or _NOT_CSV)
            elif not self._mapping.skips_empty_rows or any(map(str.strip, record[added:])):
                cells = {}
                problem = too_long(record) or not_text(record)
                if len(record) != len(header):
                    text = f"The row has {len(record)} cells, and the first line names {len(header)}."
                    problem = Reason("column_count", text)
                elif problem is None:
                    cells = {column: clean_cell(record[place]) for column, place in places.items()} | missing
                yield Row(line, cells, record[added:], problem)

    # JSON Lines

    def _json_rows(self, lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
        for line, text in lines:
            if text.strip():
                yield json_row(line, text.strip(), self._columns)


def _added(header: list[str]) -> int:
    """Return how many of the first columns an earlier import added."""
    return len(ADDED_COLUMNS) if tuple(header[: len(ADDED_COLUMNS)]) == ADDED_COLUMNS else 0


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    except csv.Error:
        return []
