"""`pledger suppressions`: who must be left alone, and what has changed of that.

The list and each page of changes end with the command that goes on from there. Going on so, a reader misses no change;
changes at the seam may be repeated once.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters.cli.console import Format, FormatOption, owed, print_json, reports_errors, say, shown
from adapters.cli.options import AsOfOption, AtLeastOption
from adapters.cli.session import open_ledger, open_read_models
from adapters.cli.tables import print_table
from adapters.queries import lists
from domain.times import rfc3339
from domain.vocabulary import Program
from projections.as_of import POSITION_MAX, parse_as_of

if TYPE_CHECKING:
    from adapters.queries.lists import SuppressionChanges

LIMIT: Final = 1_000
LIMIT_MAX: Final = 100_000


@reports_errors
def suppressions(  # noqa: PLR0913, PLR0917 - one parameter for each option
    program: Annotated[Program | None, typer.Option(help="Only people who are out of this program.")] = None,
    since: Annotated[
        int | None, typer.Option(min=0, max=POSITION_MAX, help="Show what changed after this position instead.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=LIMIT_MAX, help="At most so many entries, or the changes by so many events.")
    ] = LIMIT,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show who must be left alone, and what changed."""
    with open_read_models(open_ledger(), as_of, at_least) as (installation, connection, at):
        document: Any = (
            lists.suppressions(installation, connection, program, limit, at)
            if since is None
            else lists.suppression_changes(installation, connection, program, since, limit, at)
        )
    if format_ is Format.JSON:
        print_json(document)
    elif since is None:
        _show(document, limit)
        say(f"To see what changes after this: {_next(document['position'], program, limit, as_of, is_all=True)}")
    else:
        _show_changes(document)
        go_on = _next(document["position"], program, limit, as_of, is_all=document["is_all"])
        say(f"{'To go on from here later' if document['is_all'] else 'There may be more'}: {go_on}")


def _next(position: int, program: Program | None, limit: int, as_of: str | None, *, is_all: bool) -> str:
    """Return the command that goes on after a page, with all options of this one.

    As of a time every page needs --as-of: without it, what happened later and was recorded before would be passed over.
    As of a position all pages need it but the one after the last.
    """
    command = f"pledger suppressions --since {position}"
    if program is not None:
        command += f" --program {program.value}"
    if limit != LIMIT:
        command += f" --limit {limit}"
    moment = parse_as_of(as_of)
    if isinstance(moment, datetime):
        return f"{command} --as-of {rfc3339(moment)}"
    return command if moment is None or is_all else f"{command} --as-of {moment}"


def _show(document: dict[str, Any], limit: int) -> None:
    print_table(
        "Suppression list", ("owed", "persons"), [(owed(one), count) for one, count in document["counts"].items()]
    )
    rows = [
        (f"id:{one['person']}", owed(one["owed"]), shown(one["since"]), one["because_of"], one["fact"])
        for one in document["entries"]
    ]
    print_table("Each of them", ("person", "owed", "since", "because of", "fact"), rows)
    if not document["is_all"]:
        say(f"There are more than {limit:,} entries; a greater --limit shows more.")


def _show_changes(document: SuppressionChanges) -> None:
    rows = [
        (
            one["position"],
            f"id:{one['stream']}",
            owed(one["owed"]) if one["owed"] else "everything",
            one["state"],
            shown(one["time"]),
            one["fact"],
        )
        for one in document["changes"]
    ]
    print_table("What changed", ("position", "stream", "owed", "became", "as from", "fact"), rows)
