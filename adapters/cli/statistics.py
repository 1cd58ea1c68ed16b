"""`pledger statistics`: how many people, or browsers, there are of which kind, and releases of such counts.

Only what may go to the recipient is shown, to staff as well. A table that is shown and not released is not on record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.console import Format, FormatOption, listed, print_document, reports_errors, say
from adapters.cli.options import AsOfOption, OptionsDisagree, parse_period
from adapters.cli.session import open_ledger
from adapters.cli.tables import print_table
from adapters.queries.read_point import ReadPoint
from adapters.queries.statistics import recounted_releases, statistics_table
from adapters.statistics.releasing import SOURCE
from domain.statistics.dimensions import DIMENSIONS, OF, Counted, Period, UnknownDimension, dimension
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.statistics.dimensions import Dimension

OfOption = Annotated[
    Counted, typer.Option("--of", help="Count persons who gave data themselves, or visitors: browsers.")
]
ByOption = Annotated[
    list[str] | None,
    typer.Option("--by", help=f"Divide by this; may be repeated. Persons: {', '.join(DIMENSIONS[Counted.PERSONS])}. "
                 f"Visitors: {', '.join(DIMENSIONS[Counted.VISITORS])}."),
]  # fmt: skip
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", help="Count only those who match, such as act:registration=yes; may be repeated."),
]
PublicOption = Annotated[
    list[str] | None,
    typer.Option(
        "--empty-is-public",
        metavar="DIMENSION",
        help="It is public that nobody has some value of this, so cells of nobody are released too; may be repeated.",
    ),
]
RecipientOption = Annotated[
    str | None, typer.Option("--recipient", help="Who gets the table; without one it is for everybody.")
]
ReleaseOption = Annotated[
    str | None, typer.Option("--release", metavar="NAME", help="Record the release of the table, under this name.")
]
RecountOption = Annotated[
    bool, typer.Option("--recount", help="Count earlier releases again, and show where the ledger gives another count.")
]
FromPeriod = Annotated[str | None, typer.Option("--from", help="Count what was given at this time or later.")]
ToPeriod = Annotated[str | None, typer.Option("--to", help="Count what was given up to this time.")]


@reports_errors
def statistics(  # noqa: PLR0913, PLR0917 - one argument an option
    of: OfOption = Counted.PERSONS,
    by: ByOption = None,
    where: WhereOption = None,
    empty_is_public: PublicOption = None,
    since: FromPeriod = None,
    until: ToPeriod = None,
    recipient: RecipientOption = None,
    name: ReleaseOption = None,
    recount: RecountOption = False,  # noqa: FBT002 - a switch of the command line
    as_of: AsOfOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Count people or browsers, and release the counts.

    Men and women who registered: --where act:registration=yes --by gender. Visitors of an area of the site: --of
    visitors --where area:rings=yes. Without --release the command shows what could be released.
    """
    if recount:
        if by or where or empty_is_public or since or until or recipient or name or as_of:
            raise OptionsDisagree(
                "--recount disagrees.", "each release is counted as it was counted then.", "Give --recount alone."
            )
        with open_ledger() as (installation, connection):
            document = recounted_releases(installation, connection)
        print_document(document, format_, _show_recounted)
        return
    moment = parse_as_of(as_of)
    divided = tuple(dimension(of, one) for one in dict.fromkeys(by or ()))
    fixed = tuple(_fixed(of, one) for one in where or ())
    names = [one.name for one in (*divided, *(one for one, _ in fixed))]
    if len(set(names)) < len(names):
        raise OptionsDisagree("--by and --where disagree.", "a dimension is given twice.", "Give each of them once.")
    if unknown := sorted(set(empty_is_public or ()) - set(names)):
        raise OptionsDisagree(
            "--empty-is-public disagrees.",
            f"the table has no {listed(unknown)}.",
            "Name dimensions of --by and --where.",
        )
    period = Period(*parse_period(since, until))
    with open_ledger() as (installation, connection):
        document = statistics_table(
            installation,
            connection,
            ReadPoint(as_of, moment),
            of=of,
            by=divided,
            where=fixed,
            empty_is_public=empty_is_public or (),
            period=period,
            recipient=recipient,
            name=name,
            now=installation.ledger.now(),
        )
    print_document(document, format_, lambda shown: _show(shown, period))


def _fixed(of: Counted, text: str) -> tuple[Dimension, str]:
    word, equals, value = text.rpartition("=")
    if not equals:
        raise UnknownDimension(
            "--where cannot be read.", "there is no = in it.", "Write it such as act:registration=yes."
        )
    found = dimension(of, word)
    if not found.has(value):
        raise UnknownDimension(
            "--where names a value that its dimension does not have.",
            f"it has {listed(found.values)}." if found.values else "it has months such as 2016-04.",
            "Name one of these.",
        )
    return found, value


def _show(document: dict[str, Any], period: Period) -> None:
    by, of = document["by"], document["of"]
    conditions = [f"{name} is {value}" for name, value in document["where"].items()]
    if any(period):
        conditions.append(f"period {period}")
    population = f" of whom {', '.join(conditions)}" if conditions else ""
    rows = [(*_values(one["where"], by), one["count"]) for one in document["cells"]]
    print_table(f"{of.capitalize()}{population}", (*by, of), rows)
    k = document["smallest_cell_count"]
    if too_few := sum(one["because"] == "too_few" for one in document["held_back"]):
        say(f"\n{too_few:,} cells are held back: they, or what is left beside them, count fewer than {k}.")
    if earlier := [one for one in document["held_back"] if one["because"] == "earlier_releases"]:
        rows = [(*_values(one["where"], by), listed(one["releases"])) for one in earlier]
        print_table("\nHeld back because of earlier releases", (*by, "with which a small group would follow"), rows)
    recipient = document["recipient"]
    for_whom = f"to {recipient}" if recipient else "to everybody"
    if document["recorded"]:
        fact, position = document["recorded"], document["recorded_at"]
        say(f"\nRecorded as released {for_whom}: {fact}, position {position:,}.")
    elif not document["cells"]:
        say(f"\nNothing was recorded, and nothing of this could be released {for_whom}.")
    else:
        words = "" if recipient else ", and --recipient NAME where it is for one alone"
        say(f"\nNothing was recorded. This could be released {for_whom}: add --release NAME{words}.")


def _values(where: Mapping[str, str], by: list[str]) -> list[str]:
    return [where.get(one, "all") for one in by]


def _show_recounted(document: dict[str, Any]) -> None:
    rows = [
        (
            one["release"],
            one["recipient"] or "everybody",
            len(one["differing"]) if one["is_recounted"] else "cannot be counted again",
            one["fact"],
        )
        for one in document["releases"]
    ]
    print_table("Releases, counted again", ("release", "to", "cells that differ", "fact"), rows)
    for one in document["releases"]:
        for cell in one["differing"]:
            where = listed([f"{name} {value}" for name, value in cell["where"].items() if name != OF])
            say(f"{one['release']}, {where}: {cell['released']:,} were released, and the ledger has {cell['ledger']}.")
    if any(not one["is_recounted"] for one in document["releases"]):
        say(f"Only releases by pledger statistics ({SOURCE}) hold enough to be counted again.")
