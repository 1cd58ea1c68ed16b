"""What every row of a file to import is, however the file is written.

Promise: a cell is text, and nothing in it is evaluated; the apostrophe by which spreadsheets mark a text (before =, +,
-, @ or a digit) is taken off. Refused: a cell that the database could not store, and a line that had to be cut.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.imports.records import LINE_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable

ADDED: Final = ("reject_code", "reject_reason", "reject_line")
"""The columns that stand first in a file of rejected rows; as input they are passed over."""
CUT: Final = "\ud800"
"""Ends a line that was cut because it is too long; no text of any encoding holds it."""
_TEXT_MARK: Final = re.compile(r"'(?=[=+\-@\d\t\r])")


class Reason(NamedTuple):
    """Why a row is rejected: a stable code, and a sentence that repeats no cell."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line, its mapped cells by column ("" where empty), and all of it as read, to be written again.

    `record` is the cells, or the text of a line that is JSON, or neither JSON nor CSV.
    """

    line: int
    cells: dict[str, str]
    record: list[str] | str
    problem: Reason | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written, so that rejected rows can be written alike; `header` is without the added columns."""

    is_csv: bool
    encoding: str
    has_mark: bool = False
    delimiter: str = ","
    line_end: str = "\n"
    header: tuple[str, ...] = ()


def plain(cell: str) -> str:
    """Give a cell without outer white space, and without the mark of a text."""
    cell = cell.lstrip()
    return (_TEXT_MARK.sub("", cell, count=1) if cell.startswith("'") else cell).strip()


def cut_short(cells: Iterable[str]) -> Reason | None:
    """Tell that cells come from a line that had to be cut, if they do."""
    if any(CUT in cell for cell in cells):
        return Reason("too_long", f"The line has more than {LINE_BYTES_MAX:,} bytes.")
    return None


def unstorable(cells: Iterable[str]) -> Reason | None:
    """Tell why cells cannot be stored, if they cannot."""
    for cell in cells:
        if "\x00" in cell:
            return Reason("not_text", "It holds a NUL character, which the database cannot store.")
        if not cell.isascii() and any("\ud800" <= one <= "\udfff" for one in cell):
            return Reason("not_text", "It holds bytes that its encoding does not have; the mapping says which that is.")
    return None
