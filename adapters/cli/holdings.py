"""`pledger holdings`: which data is held, about a customer or in numbers."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.console import Format, FormatOption, print_document, reports_errors, say, shown
from adapters.cli.options import AsOfOption, AtLeastOption
from adapters.cli.session import open_ledger, open_read_models
from adapters.cli.tables import print_table
from adapters.queries.customers import CustomerHoldings, customer_holdings
from adapters.queries.lists import held_categories


@reports_errors
def holdings(
    customer: Annotated[
        str | None, typer.Argument(help="customer:17850, email:…, order:… or id:…; without it, everybody in numbers.")
    ] = None,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show which data is held, of a customer or in all.

    Of a customer: where each category came from, and what replaced it.
    """
    with open_read_models(open_ledger(), as_of, at_least) as (installation, connection, at):
        if customer is None:
            print_document(held_categories(connection, at), format_, _show_counts)
        else:
            print_document(customer_holdings(installation, connection, customer, at), format_, _show)


def _show_counts(document: dict[str, Any]) -> None:
    rows = [(category, *counts.values()) for category, counts in document["categories"].items()]
    print_table("Data held", ("category", "persons", "current", "withheld", "replaced", "deleted"), rows)


def _show(document: CustomerHoldings) -> None:
    if document["erased_at"]:
        erased = f"{document['customer']} was erased on {shown(document['erased_at'])} ({document['erased_by']})"
        say(f"{erased}; nothing is held any more.")
        return
    rows = [
        (
            one["category"],
            one["state"],
            one["act"] or one["what"],
            one["given_by"],
            shown(one["time"]),
            one["fact"],
            f"{one['superseded_how']}: {one['superseded_by']}" if one["superseded_how"] else "–",
            f"{shown(one['deleted_at'])}: {one['deleted_by']}" if one["deleted_at"] else "–",
        )
        for one in document["holdings"]
    ]
    columns = ("category", "state", "came with", "given by", "on", "fact", "replaced by", "deleted by")
    print_table(f"Data held about {document['customer']}", columns, rows)
