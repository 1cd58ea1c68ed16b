"""`pledger import`: append facts from files of other systems, under a mapping."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters import bootstrap
from adapters.cli.console import (
    Format,
    FormatOption,
    err,
    listed,
    print_document,
    print_json,
    progress,
    reports_errors,
    say,
    visible,
)
from adapters.cli.import_reports import show_file, show_orders
from adapters.cli.options import BadOption, check_word
from adapters.cli.private_file import open_private
from adapters.cli.tables import print_table
from adapters.imports.catalog import read_mapping
from adapters.imports.file_import import FileImport
from adapters.imports.file_report import FileReport
from adapters.imports.mapping_file import MappingInvalid
from adapters.imports.orders import OrdersReport, orders_mapping
from adapters.queries.mappings import import_mappings, mapping_summary
from adapters.settings import load_settings
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from datetime import datetime


app = typer.Typer(help="Append facts from files of other systems.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="CSV or JSON Lines, as the mapping says.")]
MappingOption = Annotated[
    str, typer.Option("--mapping", help="One that pledger import mappings lists, or the path of a TOML file.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Append nothing; say what would be appended and what rejected.")
]
RejectedOption = Annotated[
    Path | None, typer.Option("--rejected", help="Write the rejected rows to this file, with reasons, to be corrected.")
]
AtOption = Annotated[
    str | None, typer.Option("--at", help="The time of rows without one, RFC 3339, such as 2016-04-02T10:15:00Z.")
]
NoticeOption = Annotated[
    str | None, typer.Option("--notice", help="The notice shown where data was asked for; by default the one in force.")
]
MappingArgument = Annotated[str, typer.Argument(help="A name that comes along, or the path of a TOML file.")]


@app.command("orders")
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
        check_word(option, value, is_open=option in {"--carrier", "--payment-processor"})
    mapping = orders_mapping(
        timezone, carrier=carrier, payment_processor=payment_processor, collection_point=collection_point
    )
    with bootstrap.opened(load_settings()) as installation:
        work = FileImport(installation, file, mapping, notice=notice)
        with progress("Importing orders") as show:
            report = work.complete(OrdersReport(), show)
    if format_ is Format.JSON:
        print_json(report.as_dict())
    else:
        show_orders(report)
    if report.rejected or report.refused:
        raise typer.Exit(1)


@app.command("file")
@reports_errors
def import_file(  # noqa: PLR0913, PLR0917 - one option each
    file: FileArgument,
    mapping: MappingOption,
    dry_run: DryRunOption = False,  # noqa: FBT002 - how typer knows a flag
    rejected: RejectedOption = None,
    at: AtOption = None,
    notice: NoticeOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Append orders, subscribers or opt-outs from a file. Doing it again appends what is not there yet.

    Exit code 1 if any row was rejected.
    """
    columns = read_mapping(mapping)
    moment = _time(at)
    check_word("--notice", notice)
    _check_apart(file, rejected)
    if moment is None and columns.columns.time is None and columns.time.constant is None:
        raise BadOption(
            "Nothing was imported: no row would have a time.",
            "the mapping names no column of it.",
            "Say when with --at, such as the day of the export.",
        )
    with ExitStack() as stack:
        installation = stack.enter_context(bootstrap.opened(load_settings()))
        work = FileImport(installation, file, columns, at=moment, notice=notice)
        # Before anything is appended, so that nothing is where there is no place for what is rejected.
        stream = stack.enter_context(open_private(rejected)) if rejected else None
        show = stack.enter_context(progress("Looking through" if dry_run else "Importing"))
        report = work.complete(FileReport(is_dry=dry_run), show, rejected=stream)
    if format_ is Format.JSON:
        where = {"rejected_file": str(rejected) if rejected else None}
        print_json({"mapping": mapping, "kind": columns.kind, **report.as_dict(), **where})
    else:
        show_file(report, columns, rejected)
    if report.rejected:
        raise typer.Exit(1)


def _time(at: str | None) -> datetime | None:
    moment = parse_as_of(at)
    if isinstance(moment, int):
        raise BadOption(
            "Nothing was imported: the value of --at cannot be used.",
            "it is a number, and not a time.",
            "Give an RFC 3339 time, such as 2016-04-02T10:15:00Z.",
        )
    return moment


def _check_apart(file: Path, rejected: Path | None) -> None:
    try:
        is_same = rejected is not None and rejected.exists() and rejected.samefile(file)
    except (OSError, ValueError):
        is_same = False  # Whichever of them cannot be used says so when it is opened.
    if is_same:
        raise BadOption(
            "Nothing was imported: the value of --rejected cannot be used.",
            "it is the file that is imported, which it would replace.",
            "Name another file.",
        )


@app.command()
@reports_errors
def mappings(format_: FormatOption = Format.TABLE) -> None:
    """List the mappings that come along."""
    print_document(import_mappings(), format_, _show_mappings)


def _show_mappings(document: dict[str, Any]) -> None:
    rows = [(one["name"], one["kind"], one["title"]) for one in document["mappings"]]
    print_table("Mappings", ("name", "rows", "of"), rows)
    say("pledger import check NAME shows one; to change one, copy its file from adapters/imports/mappings.")


@app.command()
@reports_errors
def check(mapping: MappingArgument, format_: FormatOption = Format.TABLE) -> None:
    """Look a mapping over: every problem by line, or what it makes of a file. Exit code 1 if it cannot be used."""
    try:
        found = read_mapping(mapping)
    except MappingInvalid as error:
        if format_ is Format.JSON:
            problems = [{"line": one.line, "where": one.where, "what": one.what} for one in error.problems]
            print_json({"is_valid": False, "problems": problems})
        else:
            for one in error.problems:
                err.print(visible(f"{mapping}:{one.line}: {one.where}: {one.what}"))
        raise typer.Exit(1) from None
    summary = mapping_summary(found)
    if format_ is Format.JSON:
        print_json({"is_valid": True, "problems": [], **summary})
        return
    say(f"{mapping} can be used: {found.title or found.kind}.")
    cells = [(key, listed(value) if isinstance(value, list) else str(value)) for key, value in summary.items()]
    print_table("What it says", ("", ""), cells)
