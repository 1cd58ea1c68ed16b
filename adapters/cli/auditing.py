"""Whether the company kept its word: `pledger audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adapters.audits.traces import Trace, audit_trace, policy_of, read_trace
from adapters.cli.console import AsOfOption, ReportFormat, err, out, parse_as_of, print_json, told, visible
from adapters.imports.jsonl import opened
from domain.audit.auditor import READINGS
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLES = {"broken": "bold red", "open": "yellow", "excused": "yellow", "kept": "green"}
_PROBLEMS_SHOWN = 20

TraceOption = Annotated[
    Path | None,
    typer.Option("--trace", help="Judge this file of facts, one CloudEvent a line, instead of the ledger; - is stdin."),
]
PolicyOption = Annotated[Path | None, typer.Option("--policy", help="Judge by this policy file.")]
ReadingOption = Annotated[
    list[Reading] | None, typer.Option("--reading", help="Only under this reading; may be given more than once.")
]
PromiseOption = Annotated[
    list[str] | None, typer.Option("--promise", help="Only this promise; may be given more than once.")
]
AuditFormatOption = Annotated[
    ReportFormat, typer.Option("--format", help="A table for people, JSON for programs, or one HTML file.")
]


@told
def audit(  # noqa: PLR0913, PLR0917 - one argument an option
    trace: TraceOption = None,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    reading: ReadingOption = None,
    promise: PromiseOption = None,
    format_: AuditFormatOption = ReportFormat.TABLE,
) -> None:
    """Say of each promise whether it was kept, which facts broke it, and what that rests on."""
    moment = parse_as_of(as_of)
    readings = tuple(one for one in READINGS if not reading or one in reading)
    assert trace is not None, "a ledger is not audited yet"
    with opened(trace) as stream:
        read = read_trace(stream)
    _tell_rejected(read)
    chosen = policy_of(read, policy)
    promises = tuple(promise) if promise else None
    document = audit_trace(read, chosen, as_of=moment, readings=readings, promises=promises)
    if format_ is ReportFormat.JSON:
        print_json(document)
    else:
        _show(document, readings)


def _tell_rejected(read: Trace) -> None:
    for number, problems in read.rejected[:_PROBLEMS_SHOWN]:
        for problem in problems:
            err.print(Text(visible(f"line {number} was not judged: {problem.where} {problem.what}")))
    if (more := len(read.rejected) - _PROBLEMS_SHOWN) > 0:
        err.print(Text(f"… and {more} more lines"))


def _show(document: dict[str, Any], readings: Sequence[Reading]) -> None:
    out.print(f"{document['policy']}, as of {document['as_of']}: {document['events']} facts")
    table = Table("promise", *(reading.value for reading in readings), "tested", "what breaks it", box=None)
    first = document["readings"][readings[0].value]
    for name, verdict in first.items():
        statuses = [document["readings"][reading.value][name]["status"] for reading in readings]
        broken = verdict["violations"]
        why = f"{broken[0]['event']}: {broken[0]['why']}" if broken else ""
        if len(broken) > 1:
            why += f" (and {len(broken) - 1} more)"
        cells = [Text(status, STYLES.get(status, "dim")) for status in statuses]
        table.add_row(f"{name} {verdict['title']}", *cells, str(verdict["exercised"]), visible(why))
    out.print(table)
    for limit in document["limits"]:
        out.print(Text(limit, "dim"))
    out.print(f"digest {document['digest']}")
