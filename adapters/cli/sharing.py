"""`pledger sharing`: who got a customer's data."""

from __future__ import annotations

from adapters.cli.console import Format, FormatOption, listed, print_document, reports_errors, shown
from adapters.cli.options import AsOfOption, AtLeastOption, CustomerArgument
from adapters.cli.session import open_ledger, open_read_models
from adapters.cli.subscriptions import say_erased
from adapters.cli.tables import print_table
from adapters.queries.customers import CustomerSharing, customer_sharing


@reports_errors
def sharing(
    customer: CustomerArgument,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show who got a customer's data, and on which ground."""
    with open_read_models(open_ledger(), as_of, at_least) as (installation, connection, at):
        document = customer_sharing(installation, connection, customer, at)
    print_document(document, format_, print_sharing)


def print_sharing(document: CustomerSharing) -> None:
    """Print a customer's sharing history as a table."""
    say_erased(document)
    rows = [
        (
            shown(share["time"]),
            share["recipient"],
            share["purpose"],
            listed(share["categories"]),
            share["kind"],
            listed(share["relies_on"]),
            share["fact"],
            listed([*share["broken"], *(f"excused: {promise}" for promise in share["excused"])]),
        )
        for share in document["shares"]
    ]
    columns = ("when", "recipient", "for", "categories", "as", "on the ground of", "fact", "broke")
    print_table(f"Data of {document['customer']} given to others", columns, rows)
