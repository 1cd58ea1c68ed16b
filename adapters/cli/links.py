"""`pledger links`: which people may be one, and what is decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.console import Format, FormatOption, print_document, reports_errors, say, shown
from adapters.cli.options import AtLeastOption, CustomerArgument
from adapters.cli.session import open_ledger, open_read_models
from adapters.cli.suppressions import LIMIT_MAX
from adapters.cli.tables import print_table
from adapters.queries import links

if TYPE_CHECKING:
    from adapters.queries.links import LinkDecision

app = typer.Typer(help="Show which people may be one, and decide.", no_args_is_help=False)

OtherArgument = Annotated[str, typer.Argument(help="The other one, likewise, or the name that was proposed.")]
LimitOption = Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="At most so many of each kind.")]
EvidenceOption = Annotated[str, typer.Option("--evidence", help="What shows that they are one; it is kept.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why they are not one; it is kept.")]


@app.callback(invoke_without_command=True)
@reports_errors
def possible_links(
    context: typer.Context,
    limit: LimitOption = 1_000,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show which people may be one: links that were proposed and not made, and contact points that few people share.

    Without a command the list is shown. Rows that were decided on do not come back.
    """
    if context.invoked_subcommand is not None:
        return
    with open_read_models(open_ledger(), at_least=at_least) as (installation, connection, at):
        document: Any = links.possible_links(installation, connection, limit, at_least=at.at_least)
    print_document(document, format_, _show)


@app.command()
@reports_errors
def confirm(
    customer: CustomerArgument, other: OtherArgument, evidence: EvidenceOption, format_: FormatOption = Format.TABLE
) -> None:
    """Link two people; who runs this command vouches for it."""
    with open_ledger() as (installation, connection):
        document = links.confirm(installation, connection, (customer, other), evidence, links.SOURCE)
    print_document(document, format_, _show_decision)


@app.command()
@reports_errors
def reject(
    customer: CustomerArgument, other: OtherArgument, reason: ReasonOption, format_: FormatOption = Format.TABLE
) -> None:
    """Put on record that two people are not one, so that the list does not ask again."""
    with open_ledger() as (installation, connection):
        document = links.reject(installation, connection, (customer, other), reason, links.SOURCE)
    print_document(document, format_, _show_decision)


def _show(document: dict[str, Any]) -> None:
    proposed = [
        (
            one["person"],
            one["name"],
            one["other"] or "nobody yet",
            one["because"],
            one["by"],
            one["method"] or "–",
            one["evidence"] or "–",
            shown(one["time"]),
            one["times"],
        )
        for one in document["proposed"]
    ]
    columns = (
        "person",
        "proposed name",
        "it leads to",
        "not linked because",
        "by",
        "method",
        "evidence",
        "on",
        "times",
    )
    print_table("Links that were proposed and not made", columns, proposed)
    shared = [(one["kind"], one["persons"], "\n".join(one["people"])) for one in document["contact_points"]]
    print_table("Contact points on the records of a few people", ("kind", "persons", "people"), shared)
    if not document["is_all"]:
        say("There are more; a greater --limit shows more.")
    if proposed or shared:
        say("\nTo decide: pledger links confirm PERSON OTHER --evidence …, or reject PERSON OTHER --reason …")


def _show_decision(document: LinkDecision) -> None:
    person, other = document["person"], document["other"]
    if document["fact"] is None:
        say(f"{person} and {other} are one person already.")
    elif document["decided"] == "confirmed":
        say(f"{person} and {other} are one person from now on.")
    else:
        say(f"{person} and {other} stay apart, and the list does not ask again.")
