"""`pledger append`: facts from a file, appended to the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, listed, out, print_json, progress, reports_errors, say, visible
from adapters.cli.tables import print_table
from adapters.imports import jsonl
from adapters.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.imports.jsonl import AppendReport, Flagged


@reports_errors
def append(
    file: Annotated[Path, typer.Argument(help="JSON Lines, one fact a line; - reads standard input.")],
    format_: FormatOption = Format.TABLE,
) -> None:
    """Append facts from a file.

    Bad lines are listed by number; the good ones are appended. Exit code 1 if a line was rejected, or refused in mode
    enforce.
    """
    with jsonl.opened(file) as lines, bootstrap.opened(load_settings()) as installation, progress("Appending") as show:
        report = jsonl.append_lines(installation.ledger, lines, lambda done: show(done, None))
    if format_ is Format.JSON:
        print_json(report.as_dict())
    else:
        _print_append(report)
    if report.rejected or report.refused:
        raise typer.Exit(1)


def _print_append(report: AppendReport) -> None:
    say(
        f"{report.appended:,} facts appended, {report.repeated:,} there already, {len(report.refused):,} refused, "
        f"{len(report.rejected):,} rejected ({report.lines:,} lines, {report.rate:,.0f} facts/s)."
    )
    _print_flagged("Stored, and breaking promises", report.findings)
    _print_flagged("Refused in mode enforce, and recorded as refusals", report.refused)
    for one in report.noted:
        for note in one.said["notes"]:
            say(f"line {one.line}: {visible(one.fact)}. {note}")
    for bad in report.rejected:
        fact = f" {bad.fact}" if bad.fact else ""
        out.print(Text.assemble((f"line {bad.line}", "red"), visible(f"{fact} ({bad.code})")))
        for problem in bad.problems:
            say(f"  {problem}")


def _print_flagged(title: str, flagged: Sequence[Flagged]) -> None:
    if flagged:
        rows = [(one.line, one.fact, listed(one.promises), listed(one.reasons)) for one in flagged]
        print_table(title, ("line", "fact", "promises", "why"), rows)
