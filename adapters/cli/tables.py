"""Tables on the screen.

No word is cut in two. A table whose words do not fit beside each other is printed as records, one field on a line. Only
a word that is longer than the screen is wide is folded. Cells are never read as markup.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.cli.console import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP: Final = 2
_INDENT: Final = 2
_PIPE_COLUMNS: Final = 130
"""The width in a pipe or a file, where a row can stay on one line."""


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a plain table, or records where the screen is too narrow; numbers are aligned right."""
    screen = shutil.get_terminal_size((_PIPE_COLUMNS, 24)).columns
    console = Console(highlight=False, markup=False, emoji=False, width=screen)
    cells = [[f"{cell:,}" if isinstance(cell, int) else _in_one_line(str(cell)) for cell in row] for row in rows]
    console.print(Text(visible(title), "bold"))
    widths = _widths(columns, cells, screen)
    if widths is None:
        _print_records(console, columns, cells, screen)
        return
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, _GAP, 0, 0))
    for index, (column, width) in enumerate(zip(columns, widths, strict=True)):
        is_number = bool(rows) and all(isinstance(row[index], int) for row in rows)
        table.add_column(Text(column), justify="right" if is_number else "left", width=width, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def _in_one_line(text: str) -> str:
    return visible(text).replace("\n", "\\n")


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], screen: int) -> list[int] | None:
    """Give each column its longest word, and the rest to those that lack most; return None if the words do not fit."""
    texts = [[column, *(row[index] for row in rows)] for index, column in enumerate(columns)]
    widths = [max(cell_len(word) for text in column for word in text.split() or [""]) for column in texts]
    natural = [max(cell_len(text) for text in column) for column in texts]
    spare = screen - sum(widths) - _GAP * len(widths)
    if spare < 0:
        return None
    for _ in range(spare):
        lacking = max(range(len(widths)), key=lambda index: natural[index] - widths[index])
        if natural[lacking] <= widths[lacking]:
            break
        widths[lacking] += 1
    return widths


def _print_records(console: Console, columns: Sequence[str], rows: Sequence[Sequence[str]], screen: int) -> None:
    label = max(map(cell_len, columns))
    for row in rows:
        record = Table.grid(padding=(0, _GAP, 0, 0))
        record.add_column(width=_INDENT + label)
        record.add_column(width=max(screen - _INDENT - label - 2 * _GAP, 1), overflow="fold")
        for column, cell in zip(columns, row, strict=True):
            record.add_row(Text(" " * _INDENT + column, "dim"), Text(cell))
        console.print(record)
        console.print()
