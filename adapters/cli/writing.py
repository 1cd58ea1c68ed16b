"""Commands that write: init, append, import orders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters import bootstrap
from adapters.cli.console import Format, FormatOption, listed, out, print_json, print_table, progress, told
from adapters.imports import jsonl, orders
from adapters.settings import load_settings

if TYPE_CHECKING:
    from adapters.imports.jsonl import AppendReport
    from adapters.imports.orders import ImportReport

_DEFAULT_ORDERS = orders.ImportOptions(notice="")


@told
def init(
    policy: Annotated[Path, typer.Option(help="The policy file; the Diamond Nexus policy of 2016 by default.")] = (
        bootstrap.DEFAULT_POLICY
    ),
    format_: FormatOption = Format.TABLE,
) -> None:
    """Create a ledger under a policy, with its key file."""
    settings = load_settings()
    _, loaded = bootstrap.read_policy(policy)
    bootstrap.create(settings, policy)
    place = "the given server" if settings.database_url else str(settings.home)
    if format_ is Format.JSON:
        document = {"ledger": settings.ledger, "policy": loaded.label, "promises": len(loaded.promises)}
        print_json({**document, "key_file": str(settings.key_path)})
        return
    out.print(f"Created the ledger [bold]{settings.ledger}[/] in {place}.")
    out.print(f"Policy: {loaded.label}, {len(loaded.promises)} promises.")
    out.print(f"Key file: {settings.key_path}. Back it up, apart from the database: without it nothing can be opened.")


@told
def append(
    file: Annotated[Path, typer.Argument(help="JSON Lines, one fact a line; - reads standard input.")],
    format_: FormatOption = Format.TABLE,
) -> None:
    """Append facts. Bad lines are told by number; the good ones are appended. Exit code 1 if any line was bad."""
    with jsonl.opened(file) as lines, bootstrap.opened(load_settings()) as installation, progress("Appending") as show:
        report = jsonl.append_lines(installation.ledger, lines, lambda done: show(done, None))
    if format_ is Format.JSON:
        print_json(report.as_dict())
    else:
        _print_append(report)
    if report.rejected:
        raise typer.Exit(1)


def _print_append(report: AppendReport) -> None:
    out.print(
        f"{report.appended:,} facts appended, {report.repeated:,} there already, {len(report.refused):,} refused, "
        f"{len(report.rejected):,} rejected ({report.lines:,} lines, {report.rate:,.0f} facts/s)."
    )
    if report.findings:
        rows = [(found.line, found.fact, listed(found.promises), listed(found.codes)) for found in report.findings]
        print_table("Stored, and breaking promises", ("line", "fact", "promises", "why"), rows)
    if report.refused:
        rows = [(found.line, found.fact, listed(found.promises), listed(found.codes)) for found in report.refused]
        print_table("Refused, as asked, and recorded as refusals", ("line", "fact", "promises", "why"), rows)
    for bad in report.rejected:
        out.print(f"[red]line {bad.line}[/] ({bad.code})")
        for problem in bad.problems:
            out.print(f"  {problem}", markup=False)


@told
def import_orders(  # noqa: PLR0913, PLR0917 - one option each
    file: Annotated[
        Path, typer.Argument(help="CSV: invoice_no, invoiced_at, customer_id, country, lines, units, total_gbp.")
    ],
    carrier: Annotated[str, typer.Option(help="The recipient that delivers.")] = _DEFAULT_ORDERS.carrier,
    payment_processor: Annotated[str, typer.Option(help="The recipient that takes payment.")] = (
        _DEFAULT_ORDERS.payment_processor
    ),
    collection_point: Annotated[str, typer.Option(help="Where the orders were placed.")] = (
        _DEFAULT_ORDERS.collection_point
    ),
    notice: Annotated[str | None, typer.Option(help="The notice shown there; the policy in force by default.")] = None,
    timezone: Annotated[str, typer.Option(help="The zone of invoiced_at.")] = _DEFAULT_ORDERS.timezone,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Append a shop's orders: collected, used, shared with carrier and payment processor, cancelled."""
    with bootstrap.opened(load_settings()) as installation:
        options = orders.ImportOptions(
            notice=notice or installation.policy.version,
            carrier=carrier,
            payment_processor=payment_processor,
            collection_point=collection_point,
            timezone=timezone,
        )
        registered = orders.register(installation.ledger, file, options)
        with progress("Importing orders") as show:
            report = orders.import_orders(installation.ledger, file, options, show)
    if format_ is Format.JSON:
        print_json({**report.as_dict(), "registered": registered})
    else:
        _print_import(report, registered)
    if report.rejected:
        raise typer.Exit(1)


def _print_import(report: ImportReport, registered: list[str]) -> None:
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
    out.print(
        f"{report.facts:,} facts: {report.appended:,} appended, {report.repeated:,} there already, "
        f"{len(report.refused):,} not stored; {report.rate:,.0f} facts/s."
    )
    out.print(f"Registered on the Company stream: {listed(registered)}.")
    if report.skipped:
        out.print(f"Skipped: {listed(report.skipped)}.")
    if report.findings:
        print_table("Promises broken", ("promise", "facts"), sorted(report.findings.items()))
    for row in report.rejected:
        out.print(f"[red]line {row.line}[/]: {listed(row.problems)}")
    for fact in report.refused:
        out.print(f"[red]line {fact.line}[/]: {fact.fact}: {fact.problem}")
