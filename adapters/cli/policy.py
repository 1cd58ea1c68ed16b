"""`pledger policy`: check a policy file, and compare two of them, also on a history."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters import bootstrap
from adapters.cli.audit import print_rejected
from adapters.cli.console import (
    Format,
    FormatOption,
    err,
    listed,
    print_document,
    print_json,
    progress,
    reports_errors,
    say,
    visible,
)
from adapters.cli.options import AsOfOption
from adapters.cli.session import open_ledger
from adapters.cli.tables import print_table
from adapters.queries.audits import verdicts_that_differ
from adapters.queries.policies import policy_check, policy_difference
from adapters.queries.traces import trace_verdicts_that_differ
from domain.audit.meanings import MEANINGS
from domain.audit.reasons import reason
from domain.policy.problems import PolicyInvalid
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from domain.policy.model import Policy

_SHOWN: Final = 20
_WIDEST: Final = 60

app = typer.Typer(help="Check policy files, and compare them.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="A policy file.")]
OtherArgument = Annotated[Path, typer.Argument(help="The policy file to compare with it.")]
HistoryOption = Annotated[bool, typer.Option("--on-history", help="Judge the whole ledger under both, too.")]
TraceOption = Annotated[Path | None, typer.Option("--trace", help="Judge this file of facts under both, too.")]


@app.command()
@reports_errors
def check(file: FileArgument, format_: FormatOption = Format.TABLE) -> None:
    """Check a policy file.

    It shows every problem by line; of a good file, what is in it and where it contradicts itself. Exit code 1 if it
    cannot be used.
    """
    try:
        _, policy = bootstrap.read_policy(file)
    except PolicyInvalid as error:
        if format_ is Format.JSON:
            problems = [{"line": one.line, "where": one.where, "what": one.what} for one in error.problems]
            print_json({"is_valid": False, "problems": problems})
        else:
            for one in error.problems:
                err.print(visible(f"{file}:{one.line}: {one.where}: {one.what}"), markup=False, soft_wrap=True)
            say(f"{_several(len(error.problems), 'problem')}; no ledger can use this file.")
        raise typer.Exit(1) from None
    print_document(policy_check(policy), format_, lambda document: _show(policy, document))


@app.command()
@reports_errors
def diff(  # noqa: PLR0913, PLR0917 - one argument an option
    before: FileArgument,
    after: OtherArgument,
    on_history: HistoryOption = False,  # noqa: FBT002 - how typer knows a flag
    trace: TraceOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Compare two policy files.

    On a history, it shows which promises and facts get another verdict.
    """
    (first_text, first), (second_text, second) = bootstrap.read_policy(before), bootstrap.read_policy(after)
    history = None
    if trace is not None:
        history, rejected = trace_verdicts_that_differ(trace, (before, after), as_of=parse_as_of(as_of))
        print_rejected(rejected)
    elif on_history:
        moment, texts = parse_as_of(as_of), (first_text, second_text)
        with open_ledger() as (installation, connection):
            bar = partial(progress, "judging")
            history = verdicts_that_differ(installation, connection, texts, as_of=moment, progress=bar)
    print_document(policy_difference(first, second, history), format_, _show_difference)


def _show(policy: Policy, document: dict[str, Any]) -> None:
    titles = {one.id: one.title for one in policy.promises}
    say(f"{visible(document['title'])} ({visible(document['policy'])}) can be used.")
    rows: list[tuple[object, ...]] = [
        ("promises", f"{document['promises']}: {_counted(document['modalities'])}"),
        ("rule kinds", f"{len(document['kinds'])}: {', '.join(document['kinds'])}"),
        ("provable by", _counted(document["provable"])),
        ("other readings of", ", ".join(document["otherwise"]) or "none"),
        ("not enforced", ", ".join(document["not_enforced"]) or "none"),
        ("observed on", document["observed_at"]),
        ("in force", document["effective_from"] or "start unknown; treated as always"),
        ("digest", document["digest"]),
    ]
    print_table("The file", ("what", "is"), rows)
    meanings = MEANINGS["parameters"]
    settings = [
        (name, "not set" if value is None else value, meanings[name]) for name, value in document["parameters"].items()
    ]
    print_table("What the text leaves open", ("parameter", "is", "which is"), settings)
    found = document["contradictions"]
    if not found:
        say("No promise forbids what another one permits, under any reading.")
        return
    say(f"\n{_several(len(found), 'contradiction')}: one promise permits what another forbids.")
    for one in found:
        readings = "; ".join(f"{reading}: {len(settings)}" for reading, settings in one["readings"].items())
        example = next(iter(one["readings"].values()))[0]
        say(f"\n{one['permits']} {titles[one['permits']]}\n  against {one['forbids']} {titles[one['forbids']]}")
        say(f"  combinations under {readings}; such as {_in_words(example)}")
        for code in one["codes"]:
            say(f"  – {reason(code)}")


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _in_words(setting: dict[str, Any]) -> str:
    """Say in words what is done in one combination."""
    words = {
        "enrollment": f"enrolling in {_plain(setting['program'])}",
        "message": f"a mail of {_plain(setting['program'])}",
        "share": f"giving {setting['category'] or 'any category'} to a recipient in the role {_plain(setting['role'])}",
        "cookie": f"a cookie that holds {setting['category'] or 'any category'}",
    }
    text = words[setting["what"]]
    if setting["purpose"]:
        text += f" for {_plain(setting['purpose'])}"
    if setting["act"]:
        text += f", after {_plain(setting['act'])}"
    return text + (" by somebody who had left it before" if setting["after_opt_out"] else "")


def _plain(word: str | None) -> str:
    return str(word).replace("_", " ")


def _show_difference(document: dict[str, Any]) -> None:
    say(f"{visible(document['before'])} → {visible(document['after'])}")
    rows = [(one["where"], _short(one["before"]), _short(one["after"])) for one in document["changes"]]
    if rows:
        print_table(f"{len(rows)} differences", ("where", "before", "after"), rows)
    else:
        say("As data they are the same.")
    history = document["history"]
    if history is None:
        return
    for reading, of in history["readings"].items():
        title = f"{reading}, on {history['facts']:,} facts"
        if not of["promises"] and not of["facts"]:
            say(f"\n{title}: every verdict is the same.")
            continue
        promises = [(one["promise"], one["title"], one["before"] or "–", one["after"] or "–") for one in of["promises"]]
        print_table(f"{title}: promises", ("promise", "", "before", "after"), promises)
        facts = [
            (visible(one["event"]), one["at"], listed(one["before"]) or "nothing", listed(one["after"]) or "nothing")
            for one in of["facts"][:_SHOWN]
        ]
        if facts:
            print_table(f"{title}: facts", ("fact", "at", "broke", "breaks"), facts)
        if (more := len(of["facts"]) - _SHOWN) > 0:
            say(f"… and {more:,} more facts; --format json has them all.")


def _short(value: object) -> str:
    text = "–" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
