"""`pledger reconcile`: compare a file of another system with the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.cli.console import Format, FormatOption, as_json, err, listed, print_json, progress, reports_errors, say
from adapters.cli.options import FromOption, ToOption, parse_period
from adapters.cli.private_file import write_private
from adapters.cli.session import open_ledger
from adapters.cli.tables import print_table
from adapters.queries.reconciliation import reconciliation
from adapters.reconciliation.mapping import FileKind, read_mapping

_SHOWN = 50
_IN_WORDS = {
    "not_recorded": "in the file, not in the ledger",
    "not_confirmed": "in the ledger, not in the file",
    "time_differs": "in both, at different times",
    "address_differs": "in both, to different addresses",
    "several_records": "in both, on one of several people's records",
    "unknown_person": "about somebody unknown to the ledger",
}

OutputOption = Annotated[
    Path | None, typer.Option(help="Write the result to this file, as JSON, for pledger audit --reconciled.")
]
KindArgument = Annotated[FileKind, typer.Argument(help="The kind of file.")]
FileArgument = Annotated[Path, typer.Argument(help="CSV in UTF-8; its first line names the columns.")]
MappingOption = Annotated[
    Path, typer.Option("--mapping", help="What its columns mean; examples are in adapters/reconciliation/mappings.")
]


@reports_errors
def reconcile(  # noqa: PLR0913, PLR0917 - one argument an option
    kind: KindArgument,
    file: FileArgument,
    mapping: MappingOption,
    since: FromOption = None,
    until: ToOption = None,
    output: OutputOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Compare a file of another system with the ledger.

    It shows what happened and is not recorded, and the reverse. Rows that cannot be read are listed by number. The exit
    code is 0 whatever is found.
    """
    begins, ends = parse_period(since, until)
    columns = read_mapping(mapping, kind)
    with open_ledger() as (installation, connection), progress("judging") as show:
        document = reconciliation(installation, connection, file, columns, since=begins, until=ends, progress=show)
    if output is not None:
        write_private(output, as_json(document))
    if format_ is Format.JSON:
        print_json(document if output is None else {"output": str(output), "digest": document["digest"]})
        return
    _show(document)
    if output is not None:
        say(f"Wrote what was found to {output}; pledger audit --reconciled {output} shows it beside its verdicts.")


def _show(document: dict[str, Any]) -> None:
    period = document["period"]
    say(
        f"{document['rows']:,} rows, of which the ledger has {document['confirmed']:,}; "
        f"{document['outside']:,} lie outside the period from {period['from'] or '–'} to {period['to'] or '–'}."
    )
    counts = [(_IN_WORDS[kind], count) for kind, count in document["counts"].items()]
    print_table("Discrepancies", ("", "number"), counts)
    found = [
        (
            one["kind"],
            "–" if one["line"] is None else f"line {one['line']}",
            one["fact"] or "–",
            one["subject"] or "–",
            one["at"],
            _remark(one),
        )
        for one in document["discrepancies"][:_SHOWN]
    ]
    if found:
        print_table("", ("what", "row", "fact", "person", "at", ""), found)
    if (more := len(document["discrepancies"]) - _SHOWN) > 0:
        say(f"… and {more:,} more; --format json has them all.")
    if document["erased"]:
        say(f"{len(document['erased']):,} facts are of people who have been erased; no file can confirm them.")
    for row in document["rejected"][:_SHOWN]:
        err.print(f"line {row['line']} was left out: {listed(row['problems'])}")
    if (more := len(document["rejected"]) - _SHOWN) > 0:
        err.print(f"… and {more:,} more lines")


def _remark(one: dict[str, Any]) -> str:
    if one["would_break"] is not None:
        whom = f", if about any of {one['records']} records" if one["records"] else ""
        return f"would break {listed(one['would_break']) if one['would_break'] else 'nothing'}{whom}"
    if one["kind"] == "several_records":
        return f"one of {one['records']} records"
    if one["corrected_by"]:
        return f"declared wrong by {one['corrected_by']}"
    if one["kind"] == "time_differs":
        return f"recorded {abs(one['seconds']):,} seconds {'later' if one['seconds'] > 0 else 'earlier'}"
    return ""
