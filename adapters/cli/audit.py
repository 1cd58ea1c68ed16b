"""`pledger audit`: whether the company kept its word, judged from a ledger or from a file of facts.

Whatever is found, the exit code is 0. Lines of a file that a ledger would reject are listed on standard error; the rest
is judged.
"""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from adapters import bootstrap
from adapters.audits import ledgers
from adapters.cli.audit_text import audit_text
from adapters.cli.console import (
    ReportFormat,
    as_json,
    as_page,
    err,
    out,
    print_json,
    progress,
    reports_errors,
    say,
    visible,
)
from adapters.cli.options import (
    AsOfOption,
    FromOption,
    OptionsDisagree,
    PolicyOption,
    ToOption,
    TraceOption,
    parse_period,
)
from adapters.cli.private_file import write_private
from adapters.cli.session import open_to_read
from adapters.queries.audits import audit_question, audit_scope
from adapters.queries.traces import trace_audit
from adapters.reports.audit_page import audit_page
from domain.vocabulary import Reading
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from domain.audit.question import Question
    from domain.errors import Problem
    from projections.as_of import PositionOrTime

PIPE_COLUMNS = 100
"""The width of a line in a pipe or a file."""
_PROBLEMS_SHOWN = 20

ReadingOption = Annotated[
    list[Reading] | None, typer.Option("--reading", help="Only under this reading; may be repeated.")
]
PromiseOption = Annotated[list[str] | None, typer.Option("--promise", help="Only this promise; may be repeated.")]
AuditFormatOption = Annotated[
    ReportFormat, typer.Option("--format", help="A table for people, JSON for programs, or one HTML file.")
]
CustomerOption = Annotated[
    str | None, typer.Option("--customer", help="Only this customer: customer:17850, email:…, order:… or id:….")
]
OutputOption = Annotated[Path | None, typer.Option(help="Write the audit to this file instead.")]
ReconciledOption = Annotated[
    list[Path] | None,
    typer.Option("--reconciled", help="A file of pledger reconcile --output, shown beside; may be repeated."),
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="How many processes judge a long log.")]


@reports_errors
def audit(  # noqa: PLR0913, PLR0917 - one argument an option
    trace: TraceOption = None,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    since: FromOption = None,
    until: ToOption = None,
    reading: ReadingOption = None,
    promise: PromiseOption = None,
    customer: CustomerOption = None,
    reconciled: ReconciledOption = None,
    workers: WorkersOption = 2,
    output: OutputOption = None,
    format_: AuditFormatOption = ReportFormat.TABLE,
) -> None:
    """Judge every promise: kept or broken, and by what."""
    moment = parse_as_of(as_of)
    question, readings = audit_question(*parse_period(since, until), promise, customer), reading or ()
    if reconciled and trace is not None:
        why = "a reconciliation is about a ledger."
        raise OptionsDisagree("--reconciled and --trace disagree.", why, "Leave out one.")
    if reconciled and customer:
        raise OptionsDisagree("--reconciled and --customer disagree.", "a file is about many people.", "Leave out one.")
    if customer and trace is not None:
        raise OptionsDisagree("--customer and --trace disagree.", "a trace is judged whole.", "Leave out one.")
    if trace is None:
        document = _of_ledger(question, policy, moment, readings, workers, reconciled or ())
    else:
        document, rejected = trace_audit(trace, policy, question, as_of=moment, readings=readings)
        print_rejected(rejected)
    if output is None:
        _show(document, format_)
        return
    write_private(output, _as_text(document, format_))
    if format_ is ReportFormat.JSON:
        print_json({"output": str(output), "format": format_.value, "digest": document["digest"]})
    else:
        say(f"Wrote the audit to {output}; it names people, so only you may read it. Its digest:")
        say(document["digest"])


def _of_ledger(  # noqa: PLR0913, PLR0917 - a question has many sides
    question: Question,
    policy: Path | None,
    as_of: PositionOrTime,
    readings: Collection[Reading],
    workers: int,
    reconciled: Sequence[Path],
) -> dict[str, Any]:
    with open_to_read() as (installation, connection):
        text = bootstrap.read_policy(policy)[0] if policy else None
        scope = audit_scope(
            installation,
            connection,
            question,
            as_of=as_of,
            readings=readings,
            policy_text=text,
            reconciled=reconciled,
        )
        with nullcontext() if scope.streams else progress("judging") as show:
            return ledgers.audit(replace(scope, reveals=True), workers=workers, on_progress=show)


def print_rejected(rejected: Mapping[int, Sequence[Problem]]) -> None:
    """Print the lines of a trace that were rejected."""
    for number, problems in sorted(rejected.items())[:_PROBLEMS_SHOWN]:
        for problem in problems:
            err.print(Text(visible(f"line {number} was not judged: {problem.where} {problem.what}")))
    if (more := len(rejected) - _PROBLEMS_SHOWN) > 0:
        err.print(Text(f"… and {more} more lines"))


def _as_text(document: dict[str, Any], format_: ReportFormat) -> str:
    """Return an audit as the text of a file."""
    match format_:
        case ReportFormat.JSON:
            return as_json(document)
        case ReportFormat.HTML:
            return audit_page(document)
        case ReportFormat.TABLE:
            return audit_text(document, PIPE_COLUMNS).plain


def _show(document: dict[str, Any], format_: ReportFormat) -> None:
    match format_:
        case ReportFormat.JSON:
            print_json(document)
        case ReportFormat.HTML:
            typer.echo(as_page(audit_page(document)), nl=False)
        case ReportFormat.TABLE:
            screen = shutil.get_terminal_size((PIPE_COLUMNS, 24)).columns
            out.print(audit_text(document, screen), end="")
