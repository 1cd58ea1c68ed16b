"""`pledger annul`: an officer annuls the opt-outs that one source or actor told in a span of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.console import Format, FormatOption, print_document, reports_errors, say
from adapters.cli.options import OptionsDisagree, parse_period
from adapters.cli.session import open_ledger
from adapters.queries.annulments import OptOutSpan, annul_opt_outs

if TYPE_CHECKING:
    from collections.abc import Callable

SourceOption = Annotated[
    str | None, typer.Option("--source", help="The source that told them, as it was sent or as doctor names it.")
]
ActorOption = Annotated[str | None, typer.Option("--actor", help="Who told them: the holder of an API key.")]
SinceOption = Annotated[str, typer.Option("--from", help="Those told at this time or later, by the database's clock …")]
UntilOption = Annotated[str, typer.Option("--to", help="… and up to this time.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why nobody asked for them; audits show it.")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Count them, and annul nothing.")]


@reports_errors
def annul(  # noqa: PLR0913, PLR0917 - the options of a command
    since: SinceOption,
    until: UntilOption,
    reason: ReasonOption,
    source: SourceOption = None,
    actor: ActorOption = None,
    dry_run: DryOption = False,  # noqa: FBT002 - how typer knows an option
    format_: FormatOption = Format.TABLE,
) -> None:
    """Annul the opt-outs that a source or an actor told in a span of time, as an officer.

    They count for nothing in what happens afterwards. What was found before stays found, and audits list each. The same
    again goes on where it stopped.
    """
    begins, ends = parse_period(since, until)
    if begins is None or ends is None or not reason.strip() or not (source or actor):
        raise OptionsDisagree(
            "Nothing was annulled.",
            "an annulment needs who told them, a span with both ends, and a reason.",
            "Give --source or --actor, with --from, --to and --reason.",
        )
    with open_ledger() as (installation, connection):
        span = OptOutSpan(source or None, actor or None, begins, ends)
        document = annul_opt_outs(installation, connection, span, reason, is_dry=dry_run)
    print_document(document, format_, _shown(dry=dry_run))


def _shown(*, dry: bool) -> Callable[[dict[str, Any]], None]:
    def show(document: dict[str, Any]) -> None:
        done = f"{document['left']:,} would be annulled" if dry else f"{document['annulled']:,} were annulled"
        say(f"Of {document['found']:,} opt-outs, {done}; {document['already']:,} were annulled already.")
        if document["erased"]:
            say(f"{document['erased']:,} are of people who were erased, and stay owed to their names.")

    return show
