"""What the commands share: formats, errors, progress, and how values are shown.

With `--format json` standard output holds one JSON document and nothing else; everything else goes to standard error. A
`PledgerError` ends a command with exit code 1 and its three sentences, never with a traceback. Ctrl-C ends it with exit
code 130, and the error says what is left and how to go on. A closed pipe ends it quietly. Text from facts, files and
settings is never read as markup, and a character that would steer the terminal is shown by its number.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Final, ParamSpec, TextIO, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from adapters.queries.read_models import error_document
from domain.errors import PledgerError
from domain.suppressed import purpose_of
from domain.times import screen_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from projections.engine import Progress as RebuildProgress

_P = ParamSpec("_P")
_R = TypeVar("_R")
_D = TypeVar("_D")

INTERRUPTED: Final = 130
"""The exit code of a command that Ctrl-C ended: 128, and the number of the signal."""
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


class SystemRefused(PledgerError):
    """The operating system does not let a command read or write: the disk is full, or a device fails."""

    code = "system_refused"


class CutShort(PledgerError):
    """Ctrl-C ended a command before its end; a command that can say more than the defaults raises it itself."""

    code = "cut_short"

    def __init__(
        self,
        what: str = "Ctrl-C ended the command.",
        why: str = "it had not finished; what it has stored stays, and nothing is half stored.",
        hint: str = "Give the same command again: no fact is stored twice.",
    ) -> None:
        super().__init__(what, why, hint)


class Format(StrEnum):
    """What a command prints."""

    TABLE = "table"
    JSON = "json"


class ReportFormat(StrEnum):
    """What a report is printed as."""

    TABLE = "table"
    JSON = "json"
    HTML = "html"


FormatOption = Annotated[Format, typer.Option("--format", help="Tables for people, or JSON for programs.")]


def reports_errors(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a command that fails end with an exit code and a readable text, as the module says."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        is_json = kwargs.get("format_") == Format.JSON  # Also where the command has a ReportFormat.
        _open_streams()
        try:
            result = command(*args, **kwargs)
            sys.stdout.flush()
        except (KeyboardInterrupt, CutShort) as error:
            _print_error(error if isinstance(error, CutShort) else CutShort(), is_json=is_json)
            raise typer.Exit(INTERRUPTED) from None
        except PledgerError as error:
            _print_error(error, is_json=is_json)
        except BrokenPipeError:
            _drop(sys.stdout)
            _drop(sys.stderr)
        except OSError as error:
            _drop(sys.stdout)
            _print_error(_refused(error), is_json=is_json)
        else:
            return result
        raise typer.Exit(1) from None

    return run


def _open_streams() -> None:
    # A stream that was closed before the start is None.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A screen that lacks a character, or a path that is not UTF-8, is no reason to stop.
            stream.reconfigure(errors="backslashreplace")


def _drop(stream: TextIO) -> None:
    """Send the rest of a failing stream nowhere; Python would try to write it again at its end, and complain."""
    with suppress(io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _refused(error: OSError) -> SystemRefused:
    return SystemRefused(
        "The operating system refused to read or write.",
        f"{error.strerror or type(error).__name__}.",
        "Fix that, and give the command again: nothing is stored twice.",
    )


def _print_error(error: PledgerError, *, is_json: bool) -> None:
    if is_json:
        sys.stderr.write(json.dumps({"error": error_document(error)}) + "\n")
        return
    err.print(Text.assemble((visible(error.what), "bold red"), " ", (f"({error.code})", "dim")))
    for label, text in (("Why", error.why), ("Do", error.hint)):
        if text:
            err.print(Text.assemble("  ", (f"{label}:", "bold"), " ", visible(text)))


def print_document(document: _D, format_: Format, show: Callable[[_D], None]) -> None:
    """Print a document as JSON, or let `show` print it as tables."""
    if format_ is Format.JSON:
        print_json(document)
    else:
        show(document)


def print_json(document: object) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(as_json(document))


def as_json(document: object) -> str:
    """Return a document as JSON text, in ASCII where the screen or UTF-8 lacks a character of it."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2)
    return text + "\n"


def as_page(html: str) -> str:
    """Return a page as text for standard output. A page says that it is UTF-8, so other encodings get ASCII."""
    is_utf_8 = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    return html if is_utf_8 else html.encode("ascii", "xmlcharrefreplace").decode()


def visible(text: str) -> str:
    """Return a text with every character escaped that is not printable, such as one that steers the terminal."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)


def say(text: str, style: str = "") -> None:
    """Print one text on standard output, without markup."""
    out.print(Text(visible(text), style))


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int, int | None], None]]:
    """Show a bar on standard error; yield a function that takes how much is done, and of how much."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(label, total=total)

        def show(done: int, of: int | None = None) -> None:
            bar.update(task, completed=done, total=of if of is not None else total)

        yield show


@contextmanager
def bars() -> Iterator[Callable[[RebuildProgress], None]]:
    """Show a bar for each read model on standard error: share of the log, rows, rate, time left."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
    )
    with Progress(*columns, console=err, transient=True) as bars_shown:
        tasks: dict[str, Any] = {}
        one_at_a_time = Lock()  # The windows end in several threads.

        def show(course: RebuildProgress) -> None:
            rate = f"{course.rows:,} rows, {course.events_per_second:,.0f} events/s, {course.seconds_left:.0f} s left"
            with one_at_a_time:
                if course.projection not in tasks:
                    tasks[course.projection] = bars_shown.add_task(course.projection, rate="")
                task = tasks[course.projection]
                bars_shown.update(task, completed=course.position, total=course.goal, rate=rate)

        yield show


def shown(time: datetime | str | None) -> str:
    """Return a time, or the text of one in a document, as people read it; None is a dash."""
    if time is None:
        return "–"
    if isinstance(time, str):
        time = datetime.fromisoformat(time)
    return screen_time(time)


def owed(word: str) -> str:
    """Return what a person is owed as people read it: a program, an age, or an objection to a purpose."""
    purpose = purpose_of(word)
    return word if purpose is None else f"objection to {purpose}"


def listed(values: Sequence[Any]) -> str:
    """Return values in one line, or a dash."""
    return ", ".join(str(value) for value in values) or "–"
