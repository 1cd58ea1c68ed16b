"""The rows of a file, whether it is CSV or JSON Lines.

A cell is text, and nothing in it is evaluated. Spreadsheets write an apostrophe before a text that begins with =, +, -,
@ or a digit; it is removed. A cell that PostgreSQL cannot store, and a line that is too long, make their row bad.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LINE_BYTES_MAX: Final = 262_144
ADDED_COLUMNS: Final = ("reject_code", "reject_reason", "reject_line")
"""The first columns of a file of rejected rows; the reader ignores them."""
CUT: Final = "\ud800"
"""Marks the end of a line that was cut because it is too long; no encoding has this character."""
_TEXT_MARK: Final = re.compile(r"'(?=[=+\-@\d\t\r])")


class Reason(NamedTuple):
    """Why a row is rejected: a stable code, and a sentence that repeats no cell."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the number of its first line, its mapped cells by column ("" if empty), and `record`, all that was read.

    `record` is the list of all cells, or the text of a line that is JSON, or that is neither JSON nor CSV. `nulls` are
    the columns whose cells stand for nothing, and are empty in `cells`.
    """

    line: int
    cells: dict[str, str]
    record: list[str] | str
    problem: Reason | None = None
    nulls: tuple[str, ...] = ()

    def without(self, nulls: tuple[str, ...]) -> Row:
        """Return the row with these columns empty."""
        return replace(self, cells=self.cells | dict.fromkeys(nulls, ""), nulls=nulls) if nulls else self


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a file is written, so that rejected rows can be written alike; `header` is without `ADDED_COLUMNS`."""

    is_csv: bool
    encoding: str
    has_byte_order_mark: bool = False
    delimiter: str = ","
    line_end: str = "\n"
    header: tuple[str, ...] = ()


class _NotTextError(Exception):
    """The value under a mapped key is an object or a list; the message names the key."""


def clean_cell(cell: str) -> str:
    """Return a cell without outer white space and without the apostrophe that marks a text."""
    cell = cell.lstrip()
    return (_TEXT_MARK.sub("", cell, count=1) if cell.startswith("'") else cell).strip()


def too_long(cells: Iterable[str]) -> Reason | None:
    """Return a reason if these cells come from a line that was cut."""
    if any(CUT in cell for cell in cells):
        return Reason("too_long", f"The line has more than {LINE_BYTES_MAX:,} bytes.")
    return None


def not_text(cells: Iterable[str]) -> Reason | None:
    """Return why these cells cannot be stored, if they cannot."""
    for cell in cells:
        if "\x00" in cell:
            return Reason("not_text", "The row holds a NUL character, which the database cannot store.")
        if not cell.isascii() and any("\ud800" <= one <= "\udfff" for one in cell):
            return Reason("not_text", "The row holds bytes that are not text in the encoding that the mapping names.")
    return None


def json_row(line: int, text: str, columns: Sequence[str]) -> Row:
    """Return the row of one line of JSON Lines, an object whose keys are the columns.

    A number is read as it is written; null and a missing key are empty cells.
    """
    if problem := too_long([text]) or not_text([text]):
        return Row(line, {}, text, problem)
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_int=str, parse_float=str, parse_constant=_refuse)
        if not isinstance(document, dict):
            return Row(line, {}, text, Reason("not_json", "The line is not a JSON object."))
        cells = {column: clean_cell(_json_cell(document, column)) for column in columns}
    except _NotTextError as error:
        return Row(line, {}, text, Reason("not_text", f"{error} holds an object or a list, not a text."))
    except _TwiceError:
        return Row(line, {}, text, Reason("not_json", "The line gives a key twice, and it is unclear which counts."))
    except (ValueError, RecursionError):
        return Row(line, {}, text, Reason("not_json", "The line is not JSON."))
    problem = not_text(cells.values())
    return Row(line, {} if problem else cells, text, problem)


class _TwiceError(Exception):
    """A key is given twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys are all different."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _refuse(_: str) -> None:
    """Refuse NaN and infinity, which are not JSON."""
    raise ValueError


def _json_cell(document: dict[str, Any], column: str) -> str:
    """Return the value of a key, or of nested keys that are written with dots between them."""
    value: Any = document.get(column)
    if value is None and "." in column:
        value = document
        for step in column.split("."):
            value = value.get(step) if isinstance(value, dict) else None
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
    raise _NotTextError(column)
