"""`pledger send`: send facts from a file to a server, for scripts and other languages."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters.cli.console import Format, FormatOption, err, listed, print_json, progress, reports_errors, say, visible
from adapters.client import Client
from adapters.imports.jsonl import opened
from adapters.imports.sending import send_lines
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KEY_VARIABLE: Final = "PLEDGER_API_KEY"
_SHOWN: Final = 20

FactsArgument = Annotated[Path, typer.Argument(help="JSON Lines, a CloudEvent a line; - is standard input.")]
ToOption = Annotated[str, typer.Option("--to", help="The server's address, such as http://127.0.0.1:8080.")]


class NoKey(PledgerError):
    """No API key was given."""

    code = "no_key"


@reports_errors
def send(file: FactsArgument, to: ToOption, format_: FormatOption = Format.TABLE) -> None:
    """Send facts from a file to a server.

    The key is taken from PLEDGER_API_KEY. Failures that can pass (no connection, a busy server) are retried under the
    same ids; sending a file again is safe. Exit code 1 if any fact was not stored.
    """
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        raise NoKey(
            "Nothing was sent.", f"{KEY_VARIABLE} holds no key.", "Set it to a key that pledger keys create has shown."
        )
    with opened(file) as stream, Client(to, key) as client, progress("sending") as show:
        report = send_lines(client, stream, show)
    _show(report, format_)
    if report["rejected"]:
        raise typer.Exit(1)


def _show(report: dict[str, Any], format_: Format) -> None:
    if format_ is Format.JSON:
        print_json(report)
        return
    say(f"{report['appended']:,} facts were appended, {report['repeated']:,} were there already.")
    _show_some(report["findings"], lambda one: f"breaks {listed(one['promises'])}")
    _show_some(report["unread"], lambda one: f"holds no address or number as {listed(one['categories'])}")
    _show_some(report["not_linked"], lambda one: f"links nobody ({listed(one['because'])})")
    _show_some(report["later"], lambda one: f"ends a name: annul and tell again {listed(one['facts'])}")
    for one in report["rejected"][:_SHOWN]:
        err.print(f"line {one['line']} was not stored ({one['code']}): {visible(one['problem'])}", markup=False)
    if (more := len(report["rejected"]) - _SHOWN) > 0:
        err.print(f"… and {more:,} more lines")


def _show_some(found: Sequence[dict[str, Any]], what: Callable[[dict[str, Any]], str]) -> None:
    for one in found[:_SHOWN]:
        say(f"line {one['line']}: {visible(one['fact'])} {what(one)}")
    if (more := len(found) - _SHOWN) > 0:
        say(f"… and {more:,} more")
