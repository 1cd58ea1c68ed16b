"""The file of rejected rows: the rows as they were read, in the format of the input, with the reasons in front.

A corrected row is imported under the same mapping as it would have been from the first file. A cell that a spreadsheet
would take for a formula gets an apostrophe in front, which the reader removes. A line that is not a row stands behind
the last column, or under `reject_raw`.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from adapters.imports.rows import ADDED_COLUMNS, CUT, FileFormat, Reason, Row
from domain.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

RAW: Final = "reject_raw"
"""The key of a line that is not a JSON object."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class RejectedRows:
    """Writes rejected rows to a stream, which stays open."""

    def __init__(self, stream: BinaryIO, file_format: FileFormat) -> None:
        self._stream = stream
        self._format = file_format
        if file_format.has_byte_order_mark:
            stream.write(b"\xef\xbb\xbf")
        if file_format.is_csv:
            self._write((*ADDED_COLUMNS, *file_format.header))

    def add(self, rows: Iterable[Row], reason: Reason) -> None:
        """Write rows that are rejected for one reason."""
        for row in rows:
            added = (reason.code, reason.text.encode("ascii", "replace").decode(), str(row.line))
            if not self._format.is_csv:
                self._stream.write(_json_line(added, str(row.record), self._format.encoding))
            elif isinstance(row.record, str):
                # One cell too many, so that it is not a row until somebody makes it one.
                self._write((*added, *("" for _ in self._format.header), _as_text(row.record)))
            else:
                self._write((*added, *map(_as_text, row.record)))

    def _write(self, cells: Iterable[str]) -> None:
        text = io.StringIO()
        csv.writer(text, delimiter=self._format.delimiter, lineterminator=self._format.line_end).writerow(cells)
        # Bytes that the encoding lacks were read as lone surrogates, and become the same bytes again.
        self._stream.write(text.getvalue().replace(CUT, "").encode(self._format.encoding, "surrogateescape"))


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _json_line(added: tuple[str, ...], text: str, encoding: str) -> bytes:
    try:
        document: Any = read_json(text.encode())
    except ValueError:  # It is not JSON, not Unicode, or gives a key twice; then it is shown as it is.
        document = None
    if not isinstance(document, dict):
        document = {RAW: text.replace(CUT, "")}
    own = {key: value for key, value in document.items() if key not in ADDED_COLUMNS}
    document = {**dict(zip(ADDED_COLUMNS, added, strict=True)), **own}
    try:
        return json.dumps(document, ensure_ascii=False).encode(encoding) + b"\n"
    except UnicodeEncodeError:  # The encoding lacks a character, which JSON can write in ASCII.
        return json.dumps(document).encode() + b"\n"
