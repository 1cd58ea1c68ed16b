"""`pledger append` and `pledger import orders`: facts from a file, appended to the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, listed, out, print_json, progress, reports_errors, say, visible
from adapters.cli.tables import print_table
from adapters.imports import jsonl
from adapters.imports.file_import import FileImport
from adapters.imports.orders import OrdersReport, orders_mapping
from adapters.settings import load_settings
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.imports.jsonl import AppendReport, Flagged

_WORD_MAX = 255


class BadOption(PledgerError):
    """The value of an option cannot be used."""

    code = "bad_option"


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
    for bad in report.rejected:
        fact = f" {bad.fact}" if bad.fact else ""
        out.print(Text.assemble((f"line {bad.line}", "red"), visible(f"{fact} ({bad.code})")))
        for problem in bad.problems:
            say(f"  {problem}")


def _print_flagged(title: str, flagged: Sequence[Flagged]) -> None:
    if flagged:
        rows = [
            (one.line, one.fact, listed(one.promises), listed(list(dict.fromkeys(code for _, code in one.findings))))
            for one in flagged
        ]
        print_table(title, ("line", "fact", "promises", "why"), rows)


@reports_errors
def import_orders(  # noqa: PLR0913, PLR0917 - one option each
    file: Annotated[
        Path, typer.Argument(help="CSV: invoice_no, invoiced_at, customer_id, country, lines, units, total_gbp.")
    ],
    carrier: Annotated[str | None, typer.Option(help="The recipient that delivers.", show_default="carrier")] = None,
    payment_processor: Annotated[
        str | None, typer.Option(help="The recipient that takes payment.", show_default="payment-processor")
    ] = None,
    collection_point: Annotated[
        str | None, typer.Option(help="Where the orders were placed.", show_default="checkout")
    ] = None,
    notice: Annotated[str | None, typer.Option(help="The notice shown there; the policy in force by default.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The zone of invoiced_at.", show_default="Europe/London")] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Append a shop's orders: collected, used, shared with carrier and payment processor, cancelled.

    Only a capital C at the beginning of a number marks a cancellation.

    Only a capital A marks an adjustment of a debt, which is skipped.

    Exit code 1 if any row was rejected or any fact not stored.
    """
    names = {"--carrier": carrier, "--payment-processor": payment_processor, "--collection-point": collection_point}
    for option, value in {**names, "--notice": notice}.items():
        check_word(option, value)
    mapping = orders_mapping(
        timezone, carrier=carrier, payment_processor=payment_processor, collection_point=collection_point
    )
    with bootstrap.opened(load_settings()) as installation:
        work = FileImport(installation, file, mapping, notice=notice)
        with progress("Importing orders") as show:
            survey = work.survey()
            registered = work.register(survey)
            report = work.run(OrdersReport(), progress=lambda done: show(done, survey.rows))
    if format_ is Format.JSON:
        print_json({**report.as_dict(), "registered": registered})
    else:
        _print_import(report, registered)
    if report.rejected or report.refused:
        raise typer.Exit(1)


def check_word(option: str, value: str | None) -> None:
    """Refuse an option's value that the wire contract does not allow as a word. Raises `BadOption`."""
    if value is None:
        return
    if not value:
        why = "it is empty."
    elif len(value) > _WORD_MAX:
        why = f"it has {len(value)} characters, and a name has at most {_WORD_MAX}."
    elif any("\ud800" <= character <= "\udfff" for character in value):
        why = "it is not UTF-8."
    else:
        return
    raise BadOption(
        f"Nothing was imported: the value of {option} cannot be used.",
        why,
        f"Give it a name of 1 to {_WORD_MAX} characters in UTF-8, or leave {option} out.",
    )


def _print_import(report: OrdersReport, registered: list[str]) -> None:
    print_table(
        "Orders",
        ("", "rows"),
        [
            ("purchases", report.purchases),
            ("  of these by guests", report.guests),
            ("cancellations", report.cancellations),
            ("skipped (adjustments of a debt)", len(report.skipped)),
            ("rejected", len(report.rejected)),
            ("rows in all", report.rows),
        ],
    )
    say(
        f"{report.facts:,} facts: {report.appended:,} appended, {report.repeated:,} there already, "
        f"{len(report.refused):,} not stored; {report.rate:,.0f} facts/s."
    )
    say(f"Registered on the Company stream: {listed(registered)}.")
    if report.skipped:
        say(f"Skipped: {listed(report.skipped)}.")
    if report.findings:
        rows = [(promise, code, count) for (promise, code), count in sorted(report.findings.items())]
        print_table("Promises broken", ("promise", "why", "facts"), rows)
    for row in report.rejected:
        out.print(Text.assemble((f"line {row['line']}", "red"), visible(f": {listed(row['problems'])}")))
    for fact in report.refused:
        out.print(Text.assemble((f"line {fact['line']}", "red"), visible(f": {fact['fact']}: {fact['problem']}")))
