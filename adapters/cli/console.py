"""What the commands share: formats, errors, progress, time.

Promise: with --format json the only thing on standard output is one JSON document; everything else goes to standard
error. A `PledgerError` ends a command with exit code 1 and its three sentences, never with a trace; Ctrl-C ends it with
exit code 130, and says what is left and how to go on; a reader who closes the pipe ends it quietly. What comes from
facts, files and settings is shown as it is: nothing in it is read as markup, and a character that would steer the
terminal is shown by its number.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
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

from domain.errors import PledgerError
from projections.as_of import POSITION_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from projections.engine import Progress as RebuildProgress

_P = ParamSpec("_P")
_R = TypeVar("_R")

INTERRUPTED: Final = 130
"""The exit code of a command that Ctrl-C ended: 128, and the number of the signal."""
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


class SystemRefused(PledgerError):
    """The operating system did not let a command read or write: a full disk, a device that fails."""

    code = "system_refused"


class CutShort(PledgerError):
    """Ctrl-C ended a command before its end; a command that knows more than the usual raises it itself."""

    code = "cut_short"

    def __init__(
        self,
        what: str = "Ctrl-C ended the command.",
        why: str = "it was not done; what it had stored by then stays, and nothing is left half stored.",
        hint: str = "Give the same command again: no fact is stored twice.",
    ) -> None:
        super().__init__(what, why, hint)


class Format(StrEnum):
    """How facts are shown."""

    TABLE = "table"
    JSON = "json"


class ReportFormat(StrEnum):
    """How a report is shown; a page is for a report alone."""

    TABLE = "table"
    JSON = "json"
    HTML = "html"


FormatOption = Annotated[Format, typer.Option("--format", help="A table for people, or JSON, a contract for programs.")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="A position (what was known then) or a time (what had happened by then)."),
]
AtLeastOption = Annotated[
    int,
    typer.Option(
        "--at-least",
        min=0,
        max=POSITION_MAX,
        show_default=False,
        help="A position, as an append gave it, that the answer has to know of; refused if the log is shorter.",
    ),
]


def told(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a command end with exit code 1 and a readable text where a `PledgerError` stops it."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        is_json = kwargs.get("format_") == Format.JSON  # Whichever list of formats the command has.
        _open_streams()
        try:
            result = command(*args, **kwargs)
            sys.stdout.flush()
        except (KeyboardInterrupt, CutShort) as error:
            _tell(error if isinstance(error, CutShort) else CutShort(), is_json=is_json)
            raise typer.Exit(INTERRUPTED) from None
        except PledgerError as error:
            _tell(error, is_json=is_json)
        except BrokenPipeError:
            _drop(sys.stdout)
            _drop(sys.stderr)
        except OSError as error:
            _drop(sys.stdout)
            _tell(_refused(error), is_json=is_json)
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
    """Send what is left in a stream that fails nowhere, where Python would try again at its end, and complain."""
    with suppress(io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _refused(error: OSError) -> SystemRefused:
    return SystemRefused(
        "The operating system refused to read or write.",
        f"{error.strerror or type(error).__name__}.",
        "Mend that, and do it again: nothing is stored twice.",
    )


def _tell(error: PledgerError, *, is_json: bool) -> None:
    if is_json:
        document = {"code": error.code, "what": error.what, "why": error.why, "hint": error.hint}
        sys.stderr.write(json.dumps({"error": document}) + "\n")
        return
    err.print(Text.assemble((visible(error.what), "bold red"), " ", (f"({error.code})", "dim")))
    for label, text in (("Why", error.why), ("Do", error.hint)):
        if text:
            err.print(Text.assemble("  ", (f"{label}:", "bold"), " ", visible(text)))


def print_json(document: object) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(as_json(document))


def as_json(document: object) -> str:
    """Give a document as text, in ASCII where it holds what UTF-8 or the screen does not have."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2)
    return text + "\n"


def as_page(html: str) -> str:
    """Give a page as text for standard output: in ASCII where that is not UTF-8, as the page says that it is."""
    is_utf_8 = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    return html if is_utf_8 else html.encode("ascii", "xmlcharrefreplace").decode()


def visible(text: str) -> str:
    """Give a text as it is shown: a character that is not printable, such as one that steers the terminal, escaped."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)


def say(text: str, style: str = "") -> None:
    """Print one text on standard output, as it is."""
    out.print(Text(visible(text), style))


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int, int | None], None]]:
    """Show a bar on standard error; the function given takes how much is done, and of how much."""
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
        TextColumn("{task.fields[told]}", markup=False),
    )
    with Progress(*columns, console=err, transient=True) as bars_shown:
        tasks: dict[str, Any] = {}
        one_at_a_time = Lock()  # The windows end in several threads.

        def show(course: RebuildProgress) -> None:
            rate, left = f"{course.events_per_second:,.0f} events/s", f"{course.seconds_left:.0f} s left"
            with one_at_a_time:
                if course.projection not in tasks:
                    tasks[course.projection] = bars_shown.add_task(course.projection, told="")
                task = tasks[course.projection]
                bars_shown.update(
                    task,
                    completed=course.position,
                    total=course.goal,
                    told=f"{course.rows:,} rows, {rate}, {left}",
                )

        yield show


def sentence(text: str) -> str:
    """Give a text as a sentence that stands for itself, such as why something happened."""
    return text[:1].upper() + text[1:]


def shown(time: datetime) -> str:
    """Give a time as people read it."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def listed(values: Sequence[Any]) -> str:
    """Give values in one line, or a dash."""
    return ", ".join(str(value) for value in values) or "–"
