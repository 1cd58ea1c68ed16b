"""Why a fact keeps or breaks a promise: `pledger explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters import bootstrap
from adapters.audits import ledgers
from adapters.audits.explanation import explain_in_ledger, explain_in_trace, named
from adapters.audits.traces import policy_of, read_trace
from adapters.cli.audit import PolicyOption, TraceOption
from adapters.cli.console import AsOfOption, Format, FormatOption, err, listed, print_json, say, told
from adapters.cli.tables import print_table
from adapters.imports.jsonl import opened
from adapters.settings import load_settings
from domain.audit.question import Question
from domain.records.customer import LAST
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.audits.explanation import FactName

EventArgument = Annotated[
    str, typer.Argument(help="A fact's name, 'source id', or a position of the log; in a trace, a line.")
]


@told
def explain(
    event: EventArgument,
    trace: TraceOption = None,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Say what one fact was, what each rule says of it under each reading, and what that rests on."""
    asked, moment = named(event), parse_as_of(as_of)
    document = _of_ledger(asked, policy, moment) if trace is None else _of_trace(asked, trace, policy, moment)
    if format_ is Format.JSON:
        print_json(document)
    else:
        _show(document)


def _of_ledger(asked: FactName, policy: Path | None, as_of: int | datetime | None) -> dict[str, Any]:
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        text = bootstrap.read_policy(policy)[0] if policy else bootstrap.policy_text(connection)
        what = ledgers.scope(
            installation.database,
            connection,
            installation.identity.company_stream,
            text,
            Question(LAST.at),
            as_of=as_of,
            compares=policy is None,
        )
        return explain_in_ledger(what, connection, installation.keyring, asked)


def _of_trace(asked: FactName, trace: Path, policy: Path | None, as_of: int | datetime | None) -> dict[str, Any]:
    with opened(trace) as stream:
        read = read_trace(stream)
    document = explain_in_trace(read, policy_of(read, policy), asked, as_of)
    if read.rejected:
        err.print(f"{len(read.rejected)} lines were rejected; pledger audit --trace names each of them.")
    return document


def _show(document: dict[str, Any]) -> None:
    say(document["event"], "bold")
    say(f"Judged by {document['policy']}, as of {document['as_of']}.")
    if document["refused"]:
        say("It was to be enforced, and was refused.", "bold red")
    if corrected := document["entry_corrected"]:
        say(f"The entry was declared wrong by {corrected['by']}; it stays on record.")
    for event in document["events"]:
        about = event["subject"] or "–"
        fields = [(name, _in_words(value)) for name, value in event["fields"].items()]
        title = f"\n{event['position']}  {event['type']}  {event['time']}  {about}"
        print_table(title, ("field", "value"), fields)
    found = [
        (one["promise"], one["code"], one["why"], listed(one["relied_on"]), "excused" if one["excused"] else "")
        for event in document["events"]
        for one in event["found_at_append"] or ()
    ]
    if found:
        print_table("\nFound when it was appended", ("promise", "code", "why", "relied on", ""), found)
    _show_rules(document)
    for revised in document["seen_otherwise_at_append"]:
        say(f"\nAt append it broke {listed(revised['then'])}; with what came late, {listed(revised['now'])}.")
    resting = [
        (one["event"] or "–", one["promise"], one["status"], listed(one["readings"]))
        for one in document["relied_on_by"]
    ]
    if resting:
        print_table("\nWhat rests on it", ("event", "promise", "status", "readings"), resting)


def _show_rules(document: dict[str, Any]) -> None:
    """Print what the rules say; what several readings agree on stands once."""
    readings: dict[tuple[str, ...], list[str]] = {}
    for reading, spoken in document["readings"].items():
        for one in spoken:
            why = one["why"]
            if one["of"] != document["event"]:
                why += f" (of {one['of']})"
            if one["shown_by"] not in {None, document["event"]}:
                why += f" (shown by {one['shown_by']})"
            if one["late_evidence"]:
                why += f" (recorded only later: {listed(one['late_evidence'])})"
            if one["remedied"]:
                why += f" (set right by {one['remedied']})"
            row = (one["promise"], one["title"], one["status"], why.strip(), listed(one["relied_on"]))
            under = readings.setdefault(row, [])
            if reading not in under:
                under.append(reading)
    if not readings:
        say("\nNo rule of the policy has anything to say of it.")
        return
    names = list(document["readings"])
    order = {promise: place for place, promise in enumerate(dict.fromkeys(row[0] for row in readings))}
    rows = [
        (f"{row[0]} {row[1]}", row[2], "all" if under == names else listed(under), row[3], row[4])
        for row, under in sorted(readings.items(), key=lambda one: (order[one[0][0]], names.index(one[1][0])))
    ]
    print_table("\nWhat the rules say", ("promise", "status", "readings", "why", "relied on"), rows)


def _in_words(value: object) -> str:
    return listed(value) if isinstance(value, list) else str(value)
