"""`pledger explain`: why one fact keeps or breaks a promise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters import bootstrap
from adapters.audits.explanation import parse_fact_name
from adapters.cli.console import Format, FormatOption, err, listed, print_document, reports_errors, say
from adapters.cli.options import AsOfOption, PolicyOption, TraceOption
from adapters.cli.session import open_to_read
from adapters.cli.tables import print_table
from adapters.queries.audits import explanation
from adapters.queries.traces import trace_explanation
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.audits.explanation import FactName

EventArgument = Annotated[
    str, typer.Argument(help="A fact's name, 'source id', or a position of the log; in a trace, a line.")
]


@reports_errors
def explain(
    event: EventArgument,
    trace: TraceOption = None,
    policy: PolicyOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Explain what each rule says of one fact.

    It shows what the fact was, what each rule says of it under each reading, and what that rests on.
    """
    name, moment = parse_fact_name(event), parse_as_of(as_of)
    if trace is not None:
        document = _of_trace(name, trace, policy, moment)
    else:
        with open_to_read() as (installation, connection):
            text = bootstrap.read_policy(policy)[0] if policy else None
            document = explanation(installation, connection, name, as_of=moment, policy_text=text)
    print_document(document, format_, _show)


def _of_trace(name: FactName, trace: Path, policy: Path | None, as_of: int | datetime | None) -> dict[str, Any]:
    document, rejected = trace_explanation(trace, policy, name, as_of=as_of)
    if rejected:
        err.print(f"{len(rejected)} lines were rejected; pledger audit --trace names each of them.")
    return document


def _show(document: dict[str, Any]) -> None:
    say(document["event"], "bold")
    say(f"Judged by {document['policy']}, as of {document['as_of']}.")
    if document["refused"]:
        say("It was sent in mode enforce, and was refused.", "bold red")
    if corrected := document["entry_corrected"]:
        say(f"The entry was declared wrong by {corrected['by']}; it stays on record.")
        said = (("Because", "reason"), ("Shown by", "evidence"), ("Replaced by", "replacement"))
        for words, key in said:
            if corrected[key]:
                say(f"{words}: {corrected[key]}")
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
    """Print what the rules say; what several readings agree on is printed once."""
    readings: dict[tuple[str, ...], list[str]] = {}
    for reading, statements in document["readings"].items():
        for one in statements:
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
        say("\nNo rule of the policy applies to it.")
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
