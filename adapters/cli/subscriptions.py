"""`pledger subscriptions`: a customer's subscriptions."""

from __future__ import annotations

from adapters.cli.console import Format, FormatOption, listed, owed, print_document, reports_errors, say, shown
from adapters.cli.options import AsOfOption, AtLeastOption, CustomerArgument
from adapters.cli.session import open_ledger, open_read_models
from adapters.cli.tables import print_table
from adapters.queries.customers import AboutCustomer, CustomerSubscriptions, customer_subscriptions


@reports_errors
def subscriptions(
    customer: CustomerArgument,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show a customer's subscriptions, and every change."""
    with open_read_models(open_ledger(), as_of, at_least) as (installation, connection, at):
        document = customer_subscriptions(installation, connection, customer, at)
    print_document(document, format_, print_subscriptions)


def print_subscriptions(document: CustomerSubscriptions) -> None:
    """Print a customer's subscriptions as tables."""
    say_erased(document)
    changes = document["changes"]
    now = {change["program"]: change for change in changes}
    since = document["owed"]
    rows: list[tuple[object, ...]] = [
        (program, change["state"], change["because_of"], shown(change["time"]), shown(since.get(program)))
        for program, change in now.items()
    ]
    rows += [(owed(one), "", "", "", shown(at)) for one, at in since.items() if one not in now]
    columns = ("program", "state", "because of", "since", "left alone since")
    print_table(f"Subscriptions of {document['customer']}", columns, rows)
    rows = [
        (
            shown(change["time"]),
            change["program"],
            change["state"],
            change["because_of"],
            change["fact"],
            listed(change["broken"]),
        )
        for change in changes
    ]
    print_table("Every change", ("when", "program", "became", "because of", "fact", "broke"), rows)


def say_erased(document: AboutCustomer) -> None:
    """Say that a customer was erased, so that an empty table is not read as if nothing had ever been."""
    if document["erased_at"]:
        erased = f"{document['customer']} was erased on {shown(document['erased_at'])} ({document['erased_by']})"
        say(f"{erased}; what was shown here was deleted then.")
