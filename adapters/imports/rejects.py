"""The file of rejected rows: the rows as they were, in the format of the file, with the reasons in front.

Promise: mended and imported again under the same mapping, each row is what it would have been in the first file; one
that was not mended is rejected again. A cell that a spreadsheet would take for a formula is marked as text, by an
apostrophe that the import takes off again. What is no row at all stands behind the last column, or under `reject_raw`.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

from adapters.imports.row import ADDED, CUT, Reason, Row, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

RAW: Final = "reject_raw"
"""The key under which a line stands that is no JSON object."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Rejects:
    """Writes rejected rows to a stream, which stays open."""

    def __init__(self, stream: BinaryIO, shape: Shape) -> None:
        self._stream = stream
        self._shape = shape
        if shape.has_mark:
            stream.write(b"\xef\xbb\xbf")
        if shape.is_csv:
            self._write((*ADDED, *shape.header))

    def add(self, rows: Iterable[Row], reason: Reason) -> None:
        """Write rows that are rejected for one reason."""
        for row in rows:
            added = (reason.code, reason.text.encode("ascii", "replace").decode(), str(row.line))
            if not self._shape.is_csv:
                self._stream.write(_line(added, str(row.record), self._shape.encoding))
            elif isinstance(row.record, str):
                # One cell too many, so that it is no row until somebody makes it one.
                self._write((*added, *("" for _ in self._shape.header), _marked(row.record)))
            else:
                self._write((*added, *map(_marked, row.record)))

    def _write(self, cells: Iterable[str]) -> None:
        text = io.StringIO()
        csv.writer(text, delimiter=self._shape.delimiter, lineterminator=self._shape.line_end).writerow(cells)
        # Bytes that the encoding does not have were read as lone surrogates, and become the same bytes again.
        self._stream.write(text.getvalue().replace(CUT, "").encode(self._shape.encoding, "surrogateescape"))


def _marked(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _line(added: tuple[str, ...], text: str, encoding: str) -> bytes:
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        told = {RAW: text.replace(CUT, "")}
    told = {**dict(zip(ADDED, added, strict=True)), **{key: told[key] for key in told if key not in ADDED}}
    try:
        return json.dumps(told, ensure_ascii=False).encode(encoding) + b"\n"
    except UnicodeEncodeError:  # A character that the encoding does not have, which JSON can write in ASCII.
        return json.dumps(told).encode() + b"\n"
