"""The command suppressions: who must be left alone, and what has changed of that. Read models are brought up to date.

Promise: whoever goes on as a page says is told of everything once more at most, and passes over nothing.
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final

import typer

from adapters.cli.console import (
    AsOfOption,
    AtLeastOption,
    Format,
    FormatOption,
    print_json,
    say,
    shown,
    told,
)
from adapters.cli.lists import LIMIT_MAX
from adapters.cli.reading import brought_up_to_date
from adapters.cli.tables import print_table
from adapters.queries import instant, lists
from domain.policy.judge import Judge
from domain.vocabulary import Program
from projections import suppression_list
from projections.as_of import POSITION_MAX, parse_as_of

if TYPE_CHECKING:
    from projections.as_of import PositionOrTime

LIMIT: Final = 1_000


@told
def suppressions(  # noqa: PLR0913, PLR0917 - one parameter for each option
    program: Annotated[Program | None, typer.Option(help="Only who is out of this program.")] = None,
    since: Annotated[
        int | None, typer.Option(min=0, max=POSITION_MAX, help="What changed after this position instead.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=LIMIT_MAX, help="At most so many; of changes, what so many events made.")
    ] = LIMIT,
    as_of: AsOfOption = None,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show who must be left alone, whatever was done since; with --since, what has changed of that."""
    moment = parse_as_of(as_of)
    with brought_up_to_date() as (installation, connection, end):
        judge = Judge(installation.policy)
        known = max(at_least, end)
        if since is not None:
            page = suppression_list.changes(
                connection, judge, program, after=since, limit=limit, as_of=moment, at_least=known
            )
            _show_changes(page, _next(page, program, limit, moment), format_)
            return
        # The list is of one position, from which --since goes on.
        position = moment if isinstance(moment, int) else known
        wanted = known if moment is None else moment
        counts = suppression_list.counts(connection, judge, as_of=wanted, at_least=known)
        entries = list(islice(suppression_list.listed(connection, judge, program, as_of=wanted), limit + 1))
    is_all = len(entries) <= limit
    if format_ is Format.JSON:
        document = {"as_of": as_of, "position": position, "is_all": is_all, "counts": counts}
        print_json({**document, "entries": [lists.entry(one) for one in entries[:limit]]})
        return
    print_table("Suppression list", ("owed", "persons"), list(counts.items()))
    rows = [(f"id:{one.person}", one.suppressed, shown(one.since), one.because_of, one.fact) for one in entries[:limit]]
    print_table("Each of them", ("person", "owed", "since", "because of", "fact"), rows)
    if not is_all:
        say(f"There are more than {limit:,} entries; a greater --limit shows more.")
    whole = suppression_list.SuppressionChanges((), position, is_all=True)
    say(f"To see what changes after this: {_next(whole, program, limit, moment)}")


def _next(page: suppression_list.SuppressionChanges, program: Program | None, limit: int, as_of: PositionOrTime) -> str:
    """Give the command that goes on after a page, with all that this one was asked with.

    As of a time, every page is: what happened later, and was recorded before, would be passed over otherwise. As of a
    position, all but the one after the last.
    """
    command = f"pledger suppressions --since {page.position}"
    if program is not None:
        command += f" --program {program.value}"
    if limit != LIMIT:
        command += f" --limit {limit}"
    if isinstance(as_of, datetime):
        return f"{command} --as-of {instant(as_of)}"
    return command if as_of is None or page.is_all else f"{command} --as-of {as_of}"


def _show_changes(page: suppression_list.SuppressionChanges, go_on: str, format_: Format) -> None:
    if format_ is Format.JSON:
        print_json(
            {"position": page.position, "is_all": page.is_all, "changes": [lists.change(one) for one in page.changes]}
        )
        return
    rows = [
        (one.position, f"id:{one.stream}", one.suppressed or "everything", one.state, shown(one.at), one.fact)
        for one in page.changes
    ]
    print_table("What changed", ("position", "stream", "owed", "became", "as from", "fact"), rows)
    say(f"{'To go on from here later' if page.is_all else 'There may be more'}: {go_on}")
