"""`pledger changes`: what a late fact changed about verdicts that were given before."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.audits.changes import changes as what_changed
from adapters.cli.console import Format, FormatOption, listed, print_document, reports_errors, say, shown
from adapters.cli.session import open_to_read
from adapters.cli.tables import print_table
from adapters.queries.changes import changes_scope

AfterOption = Annotated[int, typer.Option("--after", min=0, help="Only where something came late after this position.")]


@reports_errors
def changes(after: AfterOption = 0, format_: FormatOption = Format.TABLE) -> None:
    """List the facts that are judged otherwise now than when they were told.

    Other facts came late: what was found lawful then breaks a promise now, or the other way round.
    """
    with open_to_read() as (installation, connection):
        document = what_changed(changes_scope(installation, connection), after)
    print_document(document, format_, _show)


def _show(document: dict[str, Any]) -> None:
    found = document["changes"]
    if not found:
        say("Nothing is judged otherwise now than when it was told.")
        return
    rows = [
        (
            one["event"],
            shown(one["at"]),
            listed(one["then"]) or "nothing",
            listed(one["now"]) or "nothing",
            " ".join(dict.fromkeys(one["why"].values())),
        )
        for one in found
    ]
    print_table("Judged otherwise now", ("fact", "time", "broke then", "breaks now", "why"), rows)
