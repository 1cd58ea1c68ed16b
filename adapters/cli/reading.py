"""Commands that read: status, subscriptions, sharing, report. Each brings the projections up to date first."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from adapters import bootstrap
from adapters.cli.console import (
    AsOfOption,
    AtLeastOption,
    Format,
    FormatOption,
    ReportFormat,
    as_json,
    as_page,
    listed,
    out,
    print_json,
    say,
    shown,
    told,
    visible,
)
from adapters.cli.private_file import write_private
from adapters.cli.tables import print_table
from adapters.ledger import reading
from adapters.postgres.connection import translated
from adapters.queries import persons, status as overview
from adapters.reports import as_html, as_text, make_report
from adapters.settings import load_settings
from projections import checkpoints, engine, holding_history, sharing_history, subscription_history
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from adapters.bootstrap import Installation
    from projections.holding_history import PersonErased
    from projections.sharing_history import SharingRow
    from projections.subscription_history import SubscriptionChange

CustomerArgument = Annotated[str, typer.Argument(help="customer:17850, email:…, order:… or id:….")]


@contextmanager
def brought_up_to_date() -> Iterator[tuple[Installation, psycopg.Connection[Any], int]]:
    """Open the ledger and bring the read models up to date; give the position that an answer has to know of, too."""
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        position = checkpoints.size(connection)
        engine.prepare(connection)
        engine.catch_up(connection)
        yield installation, connection, position


@told
def status(format_: FormatOption = Format.TABLE) -> None:
    """Show how much is in the ledger, by kind, and how far the projections are."""
    with brought_up_to_date() as (installation, connection, _):
        document = overview.status(installation, connection)
    if format_ is Format.JSON:
        print_json(document)
        return
    rest = f" under {visible(document['policy'])}: {document['events']:,} events."
    out.print(Text.assemble("Ledger ", (document["ledger"], "bold"), rest))
    print_table("Streams", ("of", "streams"), list(document["streams"].items()))
    print_table("Events", ("type", "events"), list(document["by_type"].items()))
    rows = [(program, counts["enrolled"], counts["opted_out"]) for program, counts in document["subscriptions"].items()]
    print_table("Subscriptions", ("program", "enrolled", "opted out"), rows)
    if document["findings"]:
        print_table("Promises broken", ("promise", "events"), list(document["findings"].items()))
    lag = [(name, one["position"], one["behind"]) for name, one in document["projections"].items()]
    print_table("Projections", ("name", "position", "behind"), lag)


@told
def subscriptions(
    customer: CustomerArgument,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show a customer's subscriptions now, and every change with its cause."""
    moment = parse_as_of(as_of)
    with brought_up_to_date() as (installation, connection, position):
        streams = reading.find(connection, installation.keyring, customer)
        changes = subscription_history.of(connection, streams, as_of=moment, at_least=max(at_least, position))
        erased = holding_history.of(connection, streams).erased
    if format_ is Format.JSON:
        print_json(persons.subscriptions(customer, as_of, streams[0], changes, erased))
        return
    _say_erased(customer, erased)
    print_subscriptions(customer, changes)


def _say_erased(customer: str, erased: PersonErased | None) -> None:
    """Say that somebody was erased, so that an empty table is not read as if nothing had ever been."""
    if erased:
        say(f"{customer} was erased on {shown(erased.at)} ({erased.fact}); what was shown here went with that.")


def print_subscriptions(customer: str, changes: tuple[SubscriptionChange, ...]) -> None:
    """Print a customer's subscriptions as tables."""
    now = {change.program: change for change in changes}
    rows: list[tuple[object, ...]] = [
        (program, change.state, change.why, shown(change.at)) for program, change in now.items()
    ]
    print_table(f"Subscriptions of {customer}", ("program", "state", "because of", "since"), rows)
    rows = [
        (shown(change.at), change.program, change.state, change.why, change.fact, listed(change.broken))
        for change in changes
    ]
    print_table("Every change", ("when", "program", "became", "because of", "fact", "broke"), rows)


@told
def sharing(
    customer: CustomerArgument,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show to whom a customer's data went, for what, and on which ground."""
    moment = parse_as_of(as_of)
    with brought_up_to_date() as (installation, connection, position):
        streams = reading.find(connection, installation.keyring, customer)
        shares = sharing_history.of(connection, streams, as_of=moment, at_least=max(at_least, position))
        erased = holding_history.of(connection, streams).erased
    if format_ is Format.JSON:
        print_json(persons.sharing(customer, as_of, streams[0], shares, erased))
        return
    _say_erased(customer, erased)
    print_sharing(customer, shares)


def print_sharing(customer: str, shares: tuple[SharingRow, ...]) -> None:
    """Print a customer's sharing history as a table."""
    rows = [
        (
            shown(share.at),
            share.recipient,
            share.purpose,
            listed(share.categories),
            share.kind,
            listed(share.relies_on),
            share.fact,
            listed([*share.broken, *(f"excused: {promise}" for promise in share.excused)]),
        )
        for share in shares
    ]
    columns = ("when", "recipient", "for", "categories", "as", "on the ground of", "fact", "broke")
    print_table(f"Data of {customer} given to others", columns, rows)


@told
def report(
    customer: CustomerArgument,
    output: Annotated[Path | None, typer.Option(help="Write the report to this file instead.")] = None,
    as_of: AsOfOption = None,
    format_: Annotated[
        ReportFormat,
        typer.Option("--format", help="Text, JSON, or one HTML file that reads and prints well."),
    ] = ReportFormat.TABLE,
) -> None:
    """Give a customer's access report: what is held, where it came from, what was done with it, who got it."""
    moment = parse_as_of(as_of)
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        made = make_report(installation, connection, customer, moment)
        policy = installation.policy
    match format_:
        case ReportFormat.JSON:
            text = shown_text = as_json(made.as_dict())
        case ReportFormat.HTML:
            text = as_html(made, policy=policy, made_at=datetime.now(UTC))
            shown_text = as_page(text)
        case ReportFormat.TABLE:
            text = as_text(made)
            shown_text = visible(text)
    if output is None:
        typer.echo(shown_text, nl=False)
        return
    write_private(output, text)
    if format_ is ReportFormat.JSON:
        print_json({"output": str(output), "format": format_.value})
    else:
        say(f"Wrote the report to {output}; it holds personal values, so only you may read it.")
