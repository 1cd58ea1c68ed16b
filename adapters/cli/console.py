"""What the commands share: formats, errors, progress, time.

Promise: with --format json the only thing on standard output is one JSON document; everything else goes to standard
error. A `PledgerError` ends a command with exit code 1 and its three sentences, never with a trace.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from domain.errors import MalformedFact, PledgerError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_P = ParamSpec("_P")
_R = TypeVar("_R")

_PIPE_COLUMNS = 130
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False)


class Format(StrEnum):
    """How facts are shown."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="A table for people, or JSON, a contract for programs.")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="A position (what was known then) or a time (what had happened by then)."),
]


def told(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a command end with exit code 1 and a readable text where a `PledgerError` stops it."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return command(*args, **kwargs)
        except PledgerError as error:
            if kwargs.get("format_") is Format.JSON:
                document = {"code": error.code, "what": error.what, "why": error.why, "mend": error.mend}
                sys.stderr.write(json.dumps({"error": document}) + "\n")
            else:
                err.print(f"[bold red]{error.what}[/] [dim]({error.code})[/]", soft_wrap=True)
                for label, text in (("Why", error.why), ("Do", error.mend)):
                    if text:
                        err.print(f"  [bold]{label}:[/] {text}", soft_wrap=True)
            raise typer.Exit(1) from None

    return run


def print_json(document: object) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a plain table; numbers stand to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for index, column in enumerate(columns):
        is_number = bool(rows) and all(isinstance(row[index], int) for row in rows)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    # Where nobody watches, in a pipe or a file, there is room for a row to stay one line.
    Console(highlight=False, width=None if out.is_terminal else _PIPE_COLUMNS).print(table)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int, int | None], None]]:
    """Show a bar on standard error; the function given takes how much is done, and of how much."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(label, total=total)

        def show(done: int, of: int | None = None) -> None:
            bar.update(task, completed=done, total=of if of is not None else total)

        yield show


def shown(time: datetime) -> str:
    """Give a time as people read it."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def instant(time: datetime) -> str:
    """Give a time as programs read it: RFC 3339, UTC."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_as_of(text: str | None) -> int | datetime | None:
    """Read --as-of: digits are a position, anything else an RFC 3339 time with a zone."""
    if text is None or text.isdigit():
        return None if text is None else int(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise MalformedFact([Problem("--as-of", "is neither a position nor a time with a zone")])
    return time


def listed(values: Sequence[Any]) -> str:
    """Give values in one line, or a dash."""
    return ", ".join(str(value) for value in values) or "–"
