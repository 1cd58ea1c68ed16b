"""Whether the ledger knows what happened outside: `pledger reconcile`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters import bootstrap
from adapters.cli.audit import FromOption, OptionsDisagree, ToOption
from adapters.cli.console import (
    Format,
    FormatOption,
    as_json,
    err,
    listed,
    print_json,
    progress,
    say,
    told,
)
from adapters.cli.private_file import write_private
from adapters.cli.tables import print_table
from adapters.reconciliation.comparison import compare
from adapters.reconciliation.mapping import FileKind, read_mapping
from adapters.settings import load_settings
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from datetime import datetime

_SHOWN = 50
_IN_WORDS = {
    "not_recorded": "in the file, not in the ledger",
    "not_confirmed": "in the ledger, not in the file",
    "time_differs": "in both, at different times",
    "unknown_person": "about somebody unknown to the ledger",
}

OutputOption = Annotated[
    Path | None, typer.Option(help="Write what was found to this file, as JSON, for pledger audit --reconciled.")
]
KindArgument = Annotated[FileKind, typer.Argument(help="What sort of file it is.")]
FileArgument = Annotated[Path, typer.Argument(help="CSV in UTF-8; its first line names the columns.")]
MappingOption = Annotated[
    Path, typer.Option("--mapping", help="What its columns mean; examples are in adapters/reconciliation/mappings.")
]


@told
def reconcile(  # noqa: PLR0913, PLR0917 - one argument an option
    kind: KindArgument,
    file: FileArgument,
    mapping: MappingOption,
    since: FromOption = None,
    until: ToOption = None,
    output: OutputOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Hold a file of another system against the ledger: what happened and is not recorded, and the reverse.

    Rows that cannot be read are told by number; exit code 0 whatever is found.
    """
    low, high = _time(since, "--from"), _time(until, "--to")
    if low and high and low > high:
        raise OptionsDisagree("--from and --to disagree.", "the period ends before it begins.", "Swap them.")
    digest, columns = read_mapping(mapping, kind)
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        with progress("judging") as show:
            report = compare(installation, connection, file, columns, since=low, until=high, progress=show)
        document = report.document(installation.settings.ledger, installation.policy, digest)
    if output is not None:
        write_private(output, as_json(document))
    if format_ is Format.JSON:
        print_json(document if output is None else {"output": str(output), "digest": document["digest"]})
        return
    _show(document)
    if output is not None:
        say(f"Wrote what was found to {output}; pledger audit --reconciled {output} tells of it.")


def _time(text: str | None, option: str) -> datetime | None:
    moment = parse_as_of(text)
    if isinstance(moment, int):
        raise OptionsDisagree(
            f"{option} cannot be read.", "it is a number, and a period is one of time.", "Give an RFC 3339 time."
        )
    return moment


def _show(document: dict[str, Any]) -> None:
    period = document["period"]
    say(
        f"{document['rows']:,} rows, of which the ledger has {document['confirmed']:,}; "
        f"{document['outside']:,} lie outside of the period from {period['from'] or '–'} to {period['to'] or '–'}."
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
        return f"would break {listed(one['would_break'])}" if one["would_break"] else "would break nothing"
    if one["corrected_by"]:
        return f"declared wrong by {one['corrected_by']}"
    if one["kind"] == "time_differs":
        return f"recorded {abs(one['seconds']):,} seconds {'later' if one['seconds'] > 0 else 'earlier'}"
    return ""
