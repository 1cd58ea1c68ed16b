"""How many people, or browsers, there are of which kind: `pledger statistics`.

Promise: only what may go to the recipient is shown, to staff as well; a table that is shown and not released is on no
record. What is held back is said, with the reason. Refused: what `adapters.statistics` refuses.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters import bootstrap
from adapters.cli.audit import OptionsDisagree
from adapters.cli.console import AsOfOption, Format, FormatOption, listed, print_json, say, told
from adapters.cli.tables import print_table
from adapters.postgres.connection import translated
from adapters.queries import instant
from adapters.settings import load_settings
from adapters.statistics.counting import Asked
from adapters.statistics.recounting import recount
from adapters.statistics.releasing import SOURCE, Wanted, preview, release, table
from domain.statistics.dimensions import DIMENSIONS, OF, Counted, Period, UnknownDimension, dimension
from projections import checkpoints
from projections.as_of import parse_as_of
from projections.at_least import check_written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.statistics.recounting import Recounted
    from adapters.statistics.releasing import Outcome
    from domain.statistics.dimensions import Dimension

OfOption = Annotated[
    Counted, typer.Option("--of", help="Whom to count: persons who gave data themselves, or visitors: browsers.")
]
ByOption = Annotated[
    list[str] | None,
    typer.Option("--by", help=f"Divide by this; may be repeated. Persons: {', '.join(DIMENSIONS[Counted.PERSONS])}. "
                 f"Visitors: {', '.join(DIMENSIONS[Counted.VISITORS])}."),
]  # fmt: skip
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", help="Only those of whom this is so, such as act:registration=yes; may be repeated."),
]
RecipientOption = Annotated[
    str | None, typer.Option("--recipient", help="Who is to get it; without one it is for everybody.")
]
ReleaseOption = Annotated[
    str | None, typer.Option("--release", metavar="NAME", help="Record that it is released, under this name.")
]
RecountOption = Annotated[
    bool, typer.Option("--recount", help="Count again what was released, and say where the ledger says otherwise.")
]
FromPeriod = Annotated[str | None, typer.Option("--from", help="Count what was given at this time or later.")]
ToPeriod = Annotated[str | None, typer.Option("--to", help="Count what was given up to this time.")]


@told
def statistics(  # noqa: PLR0913, PLR0917 - one argument an option
    of: OfOption = Counted.PERSONS,
    by: ByOption = None,
    where: WhereOption = None,
    since: FromPeriod = None,
    until: ToPeriod = None,
    recipient: RecipientOption = None,
    name: ReleaseOption = None,
    recount_: RecountOption = False,  # noqa: FBT002 - a switch of the command line
    as_of: AsOfOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Count people or browsers; show what of it may be released, or release it.

    Men and women who registered: --where act:registration=yes --by gender. Visitors of an area of the site: --of
    visitors --where area:rings=yes.
    """
    if recount_:
        if by or where or since or until or recipient or name or as_of:
            raise OptionsDisagree(
                "--recount disagrees.", "it counts every release as that was counted.", "Give it alone."
            )
        _recount(format_)
        return
    moment = parse_as_of(as_of)
    divided = tuple(dimension(of, one) for one in dict.fromkeys(by or ()))
    fixed = tuple(_fixed(of, one) for one in where or ())
    names = [one.name for one in (*divided, *(one for one, _ in fixed))]
    if len(set(names)) < len(names):
        raise OptionsDisagree("--by and --where disagree.", "a dimension is given twice.", "Give each of them once.")
    span = _span(since, until)
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        check_written(connection, moment)
        position = moment if isinstance(moment, int) else checkpoints.size(connection)
        asked = Asked(of, divided, position, span, moment if isinstance(moment, datetime) else None)
        counts = table(installation, connection, Wanted(asked, fixed))
        if name is None:
            outcome = preview(counts, installation.ledger.company(), recipient)
        else:
            outcome = release(installation, counts, recipient, name, datetime.now(UTC))
    if format_ is Format.JSON:
        print_json(_document(outcome, as_of, recipient, name))
    else:
        _show(outcome, recipient)


def _fixed(of: Counted, text: str) -> tuple[Dimension, str]:
    word, equals, value = text.rpartition("=")
    if not equals:
        raise UnknownDimension("--where cannot be read.", "it has no = in it.", "Write act:registration=yes, or such.")
    found = dimension(of, word)
    if not found.has(value):
        raise UnknownDimension(
            "--where names no value of its dimension.",
            f"it has {listed(found.values)}." if found.values else "it has months such as 2016-04.",
            "Name one of these.",
        )
    return found, value


def _span(since: str | None, until: str | None) -> Period:
    span = Period(_time(since, "--from"), _time(until, "--to"))
    if span.since and span.until and span.since > span.until:
        raise OptionsDisagree("--from and --to disagree.", "the period ends before it begins.", "Turn them around.")
    return span


def _time(text: str | None, option: str) -> datetime | None:
    moment = parse_as_of(text)
    if isinstance(moment, int):
        raise OptionsDisagree(
            f"{option} cannot be read.", "it is a number, and a period is one of time.", "Give an RFC 3339 time."
        )
    return moment


def _document(outcome: Outcome, as_of: str | None, recipient: str | None, name: str | None) -> dict[str, Any]:
    wanted = outcome.counts.wanted
    recorded = outcome.recorded
    span = wanted.asked.period
    too_few = [{"where": dict(where), "because": "too_few", "releases": []} for where in outcome.counts.too_few]
    earlier = [
        {"where": dict(one.cell.where), "because": "earlier_releases", "releases": list(one.releases)}
        for one in outcome.held_back
    ]
    return {
        "of": wanted.asked.of.value,
        "by": [one.name for one in wanted.asked.by],
        "where": {one.name: value for one, value in wanted.where},
        "from": instant(span.since) if span.since else None,
        "to": instant(span.until) if span.until else None,
        "as_of": as_of,
        "position": wanted.asked.position,
        "smallest_cell_count": outcome.counts.k,
        "recipient": recipient,
        "release": name,
        "recorded": recorded.fact if recorded else None,
        "recorded_at": recorded.position if recorded else None,
        "cells": [{"where": dict(one.where), "count": one.persons} for one in outcome.cells],
        "held_back": [*too_few, *earlier],
    }


def _show(outcome: Outcome, recipient: str | None) -> None:
    counts = outcome.counts
    asked = counts.wanted.asked
    by = [one.name for one in asked.by]
    title = f"{asked.of.value.capitalize()}{_population(counts.wanted)}"
    print_table(title, (*by, asked.of.value), [(*_values(one.where, by), one.persons) for one in outcome.cells])
    if counts.too_few:
        say(
            f"\n{len(counts.too_few):,} cells are held back: they, or what is left beside them, count fewer than "
            f"{counts.k}."
        )
    if outcome.held_back:
        rows = [(*_values(one.cell.where, by), listed(one.releases)) for one in outcome.held_back]
        print_table("\nHeld back because of earlier releases", (*by, "with which a small group would follow"), rows)
    for_whom = f"to {recipient}" if recipient else "to everybody"
    if outcome.recorded:
        say(f"\nRecorded as released {for_whom}: {outcome.recorded.fact}, position {outcome.recorded.position:,}.")
    elif not outcome.cells:
        say(f"\nNothing was recorded, and nothing of this could be released {for_whom}.")
    else:
        words = "" if recipient else ", and --recipient NAME where it is for one alone"
        say(f"\nNothing was recorded. This could be released {for_whom}: add --release NAME{words}.")


def _population(wanted: Wanted) -> str:
    said = [f"{one.name} is {value}" for one, value in wanted.where]
    if any(wanted.asked.period):
        said.append(f"period {wanted.asked.period}")
    return f" of whom {', '.join(said)}" if said else ""


def _values(where: Mapping[str, str], by: list[str]) -> list[str]:
    return [where.get(one, "all") for one in by]


def _recount(format_: Format) -> None:
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        position = checkpoints.size(connection)
        found = recount(installation, connection)
    if format_ is Format.JSON:
        print_json({"position": position, "releases": [_recounted(one) for one in found]})
        return
    rows = [
        (
            one.release,
            one.recipient or "everybody",
            len(one.differing) if one.is_recounted else "cannot be counted again",
            one.fact,
        )
        for one in found
    ]
    print_table("Releases, counted again", ("release", "to", "cells that differ", "fact"), rows)
    for one in found:
        for cell, how in one.differing:
            where = listed([f"{name} {value}" for name, value in cell.where.items() if name != OF])
            say(f"{one.release}, {where}: {cell.count:,} were released, and the ledger has {how}.")
    if any(not one.is_recounted for one in found):
        say(f"Only what pledger statistics released ({SOURCE}) says enough to be counted again.")


def _recounted(one: Recounted) -> dict[str, Any]:
    return {
        "release": one.release,
        "recipient": one.recipient,
        "fact": one.fact,
        "position": one.position,
        "is_recounted": one.is_recounted,
        "cells": one.cells,
        "differing": [
            {"where": dict(cell.where), "released": cell.count, "ledger": how} for cell, how in one.differing
        ],
    }
