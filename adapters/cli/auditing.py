"""Whether the company kept its word: `pledger audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adapters import bootstrap
from adapters.audits import ledgers
from adapters.audits.traces import Trace, audit_trace, policy_of, read_trace
from adapters.cli.console import AsOfOption, ReportFormat, err, out, parse_as_of, print_json, progress, told, visible
from adapters.cli.reading import streams_of
from adapters.imports.jsonl import opened
from adapters.settings import load_settings
from domain.audit.auditor import READINGS
from domain.audit.question import Question
from domain.customer import LAST
from domain.errors import PledgerError
from domain.policy.loader import load_policy
from domain.policy.rules import KINDS
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.policy.model import Policy

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


FromOption = Annotated[
    str | None, typer.Option("--from", help="Only what happened at this time or later; all before it is known.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Only what happened up to this time.")]
CustomerOption = Annotated[
    str | None, typer.Option("--customer", help="Only this customer: customer:17850, email:…, order:… or id:….")
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="How many processes judge a long log.")]


class OptionsDisagree(PledgerError):
    """Two options ask for what cannot be had together, or one cannot be read."""

    code = "options_disagree"


class NoSuchPromise(PledgerError):
    """A promise is named that the policy does not have."""

    code = "no_such_promise"


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
    workers: WorkersOption = 2,
    format_: AuditFormatOption = ReportFormat.TABLE,
) -> None:
    """Say of each promise whether it was kept, which facts broke it, and what that rests on."""
    moment = parse_as_of(as_of)
    readings = tuple(one for one in READINGS if not reading or one in reading)
    asked = Question(
        LAST.at,
        _time(since, "--from"),
        _time(until, "--to"),
        tuple(promise) if promise else None,
        customer,
    )
    if trace is None:
        document = _of_ledger(asked, policy, moment, readings, workers)
    elif customer:
        raise OptionsDisagree("--customer and --trace disagree.", "a trace is judged whole.", "Leave out one.")
    else:
        with opened(trace) as stream:
            read = read_trace(stream)
        _tell_rejected(read)
        chosen = policy_of(read, policy)
        _know(chosen, asked.promises)
        document = audit_trace(read, chosen, asked, as_of=moment, readings=readings)
    if format_ is ReportFormat.JSON:
        print_json(document)
    else:
        _show(document, readings)


def _of_ledger(
    asked: Question, policy: Path | None, as_of: int | datetime | None, readings: Sequence[Reading], workers: int
) -> dict[str, Any]:
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        text = bootstrap.read_policy(policy)[0] if policy else bootstrap.policy_text(connection)
        _know(load_policy(text, name=str(policy or "policy"), kinds=KINDS), asked.promises)
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
            return ledgers.audit_person(what, streams_of(installation, connection, asked.customer))
        with progress("judging") as show:
            return ledgers.audit_ledger(what, workers=workers, told=show)


def _know(policy: Policy, promises: Sequence[str] | None) -> None:
    known = [promise.id for promise in policy.promises]
    for promise in promises or ():
        if promise not in known:
            raise NoSuchPromise(
                f"The policy has no promise {promise}.", f"it has {', '.join(known)}.", "Name one of these."
            )


def _time(text: str | None, option: str) -> datetime | None:
    moment = parse_as_of(text)
    if isinstance(moment, int):
        raise OptionsDisagree(
            f"{option} cannot be read.", "it is a number, and a period is one of time.", "Give an RFC 3339 time."
        )
    return moment


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
