"""`pledger report`: a customer's access report, as text, JSON or an HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.console import ReportFormat, as_json, as_page, err, print_json, reports_errors, say, visible
from adapters.cli.options import AsOfOption, CustomerArgument
from adapters.cli.private_file import write_private
from adapters.cli.session import open_ledger
from adapters.ledger import utc_now
from adapters.queries.customers import customer_report
from adapters.receipt_notes import ids
from adapters.report_reads import other_streams
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from projections.as_of import parse_as_of

_SETTLE = "include each of them by pledger links confirm, or say that it is another's by pledger links reject."


@reports_errors
def report(
    customer: CustomerArgument,
    output: Annotated[Path | None, typer.Option(help="Write the report to this file instead.")] = None,
    as_of: AsOfOption = None,
    format_: Annotated[
        ReportFormat, typer.Option("--format", help="Text, JSON, or one HTML file that reads and prints well.")
    ] = ReportFormat.TABLE,
) -> None:
    """Show a customer's access report.

    It says what is held, where it came from, what was done with it, and who got it.
    """
    moment = parse_as_of(as_of)
    with open_ledger() as (installation, connection):
        found = customer_report(installation, connection, customer, moment)
        policy = installation.policy
        elsewhere = other_streams(installation, customer)
    match format_:
        case ReportFormat.JSON:
            text = shown_text = as_json(found.as_dict())
        case ReportFormat.HTML:
            text = as_html(found, policy=policy, made_at=utc_now())
            shown_text = as_page(text)
        case ReportFormat.TABLE:
            text = as_text(found)
            shown_text = visible(text)
    if elsewhere:
        # Not in the report, which is for the person: the records may be somebody else's.
        err.print(f"Addresses of the person stand on other records, {ids(elsewhere)}: {_SETTLE}", markup=False)
    if output is None:
        typer.echo(shown_text, nl=False)
        return
    write_private(output, text)
    if format_ is ReportFormat.JSON:
        print_json({"output": str(output), "format": format_.value})
    else:
        say(f"Wrote the report to {output}; it holds personal values, so only you may read it.")
