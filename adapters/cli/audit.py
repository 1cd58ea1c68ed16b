"""Whether the company kept its word: `pledger audit`, of a ledger or of a file of facts.

Promise: whatever is found, the command has gone well, with exit code 0; lines of a file that are no facts are told on
standard error and keep nothing from being judged. Refused: options that ask for what cannot be had together.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from adapters import bootstrap
from adapters.audits import check_promises, ledgers
from adapters.audits.traces import Trace, audit_trace, policy_of, read_trace
from adapters.cli.audit_text import audit_text
from adapters.cli.console import (
    AsOfOption,
    ReportFormat,
    as_json,
    as_page,
    err,
    out,
    print_json,
    progress,
    say,
    told,
    visible,
)
from adapters.cli.private_file import write_private
from adapters.imports.jsonl import opened
from adapters.ledger import reading
from adapters.reconciliation.report_file import read_report
from adapters.reports.audit_page import audit_page
from adapters.settings import load_settings
from domain.audit.auditor import READINGS
from domain.audit.outside import Outside
from domain.audit.question import Question
from domain.errors import PledgerError
from domain.policy.loader import load_policy
from domain.records.customer import LAST
from domain.rules.kinds import KINDS
from domain.vocabulary import Reading
from projections.as_of import BadAsOf, parse_as_of

if TYPE_CHECKING:
    from collections.abc import Sequence


PIPE_COLUMNS = 100
"""How wide a line is where nobody watches: in a pipe or a file."""
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


FromOption = Annotated[
    str | None, typer.Option("--from", help="Only what happened at this time or later; all before it is known.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Only what happened up to this time.")]
CustomerOption = Annotated[
    str | None, typer.Option("--customer", help="Only this customer: customer:17850, email:…, order:… or id:….")
]
OutputOption = Annotated[Path | None, typer.Option(help="Write the audit to this file instead.")]
ReconciledOption = Annotated[
    list[Path] | None,
    typer.Option("--reconciled", help="What pledger reconcile --output wrote, to stand beside; may be given again."),
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="How many processes judge a long log.")]


class OptionsDisagree(PledgerError):
    """Two options ask for what cannot be had together, or one cannot be read."""

    code = "options_disagree"


@told
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
    """Say of each promise whether it was kept, which facts broke it, and what that rests on."""
    moment = parse_as_of(as_of)
    readings = tuple(one for one in READINGS if not reading or one in reading)
    asked = Question(LAST.at, *_period(since, until), tuple(promise) if promise else None, customer)
    if trace is None:
        document = _of_ledger(asked, policy, moment, readings, workers, reconciled or ())
    elif reconciled:
        why = "what was reconciled is held against a ledger."
        raise OptionsDisagree("--reconciled and --trace disagree.", why, "Leave out one.")
    elif customer:
        raise OptionsDisagree("--customer and --trace disagree.", "a trace is judged whole.", "Leave out one.")
    else:
        with opened(trace) as stream:
            read = read_trace(stream)
        chosen = policy_of(read, policy)
        check_promises(chosen, asked.promises)
        document = audit_trace(read, chosen, asked, as_of=moment, readings=readings)
        tell_rejected(read)
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
    asked: Question,
    policy: Path | None,
    as_of: int | datetime | None,
    readings: Sequence[Reading],
    workers: int,
    reconciled: Sequence[Path],
) -> dict[str, Any]:
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        text = bootstrap.read_policy(policy)[0] if policy else bootstrap.policy_text(connection)
        judged_by = load_policy(text, name=str(policy or "policy"), kinds=KINDS)
        check_promises(judged_by, asked.promises)
        ledger = installation.settings.ledger
        held = [read_report(path, ledger, judged_by) for path in reconciled]
        outside = Outside(held, as_of if isinstance(as_of, datetime) else None)
        company = installation.identity.company_stream
        what = ledgers.scope(
            installation.database,
            connection,
            company,
            text,
            asked,
            as_of=as_of,
            readings=readings,
            compares=policy is None,
        )
        if asked.customer:
            if reconciled:
                why = "a file is about many people."
                raise OptionsDisagree("--reconciled and --customer disagree.", why, "Leave out one.")
            return ledgers.audit_person(what, reading.find(connection, installation.keyring, asked.customer))
        with progress("judging") as show:
            return ledgers.audit_ledger(what, workers=workers, on_progress=show, outside=outside)


def _period(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    begins, ends = _time(since, "--from"), _time(until, "--to")
    if begins and ends and begins > ends:
        raise OptionsDisagree("--from and --to disagree.", "the period ends before it begins.", "Turn them around.")
    return begins, ends


def _time(text: str | None, option: str) -> datetime | None:
    try:
        moment = parse_as_of(text)
        why = "it is a number, and a period is one of time."
    except BadAsOf as error:
        moment, why = 0, error.why
    if isinstance(moment, int):
        raise OptionsDisagree(f"{option} cannot be read.", why, "Give a time such as 2016-04-02T10:15:00Z.")
    return moment


def tell_rejected(read: Trace) -> None:
    """Tell the lines of a trace that are no facts."""
    for number, problems in sorted(read.rejected.items())[:_PROBLEMS_SHOWN]:
        for problem in problems:
            err.print(Text(visible(f"line {number} was not judged: {problem.where} {problem.what}")))
    if (more := len(read.rejected) - _PROBLEMS_SHOWN) > 0:
        err.print(Text(f"… and {more} more lines"))


def _as_text(document: dict[str, Any], format_: ReportFormat) -> str:
    """Give an audit as a file holds it."""
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
