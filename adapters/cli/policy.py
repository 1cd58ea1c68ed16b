"""Commands about policy files: check one, and hold two against each other, also on a history."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters import bootstrap
from adapters.audits import ledgers
from adapters.audits.traces import audit_trace, policy_of, read_trace
from adapters.cli.audit import tell_rejected
from adapters.cli.console import (
    AsOfOption,
    Format,
    FormatOption,
    err,
    listed,
    print_json,
    progress,
    say,
    told,
    visible,
)
from adapters.cli.tables import print_table
from adapters.imports.jsonl import opened
from adapters.settings import load_settings
from domain.audit.difference import difference
from domain.audit.meanings import MEANINGS
from domain.audit.question import Question
from domain.audit.reasons import reason
from domain.policy.contradictions import contradictions
from domain.policy.difference import changes
from domain.policy.problems import PolicyInvalid
from domain.records.customer import LAST
from domain.times import rfc3339
from domain.vocabulary import Program
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    from domain.policy.contradictions import Combination, Contradiction
    from domain.policy.model import Policy

_SHOWN: Final = 20
_WIDEST: Final = 60

FileArgument = Annotated[Path, typer.Argument(help="A policy file.")]
OtherArgument = Annotated[Path, typer.Argument(help="The policy file to hold against it.")]
HistoryOption = Annotated[bool, typer.Option("--on-history", help="Judge the whole ledger under both as well.")]
TraceOption = Annotated[Path | None, typer.Option("--trace", help="Judge this file of facts under both as well.")]


@told
def check(file: FileArgument, format_: FormatOption = Format.TABLE) -> None:
    """Say what is wrong with a policy file, by line; of a good one, what is in it and where it contradicts itself."""
    try:
        _, policy = bootstrap.read_policy(file)
    except PolicyInvalid as error:
        if format_ is Format.JSON:
            problems = [{"line": one.line, "where": one.where, "what": one.what} for one in error.problems]
            print_json({"is_valid": False, "problems": problems})
        else:
            for one in error.problems:
                err.print(visible(f"{file}:{one.line}: {one.where}: {one.what}"), markup=False, soft_wrap=True)
            say(f"{_several(len(error.problems), 'problem')}; a ledger cannot be under this file.")
        raise typer.Exit(1) from None
    found = contradictions(policy)
    if format_ is Format.JSON:
        print_json({"is_valid": True, **_summary(policy), "contradictions": [_contradiction(one) for one in found]})
    else:
        _show(policy, found)


@told
def diff(  # noqa: PLR0913, PLR0917 - one argument an option
    before: FileArgument,
    after: OtherArgument,
    on_history: HistoryOption = False,  # noqa: FBT002 - how typer knows a flag
    trace: TraceOption = None,
    as_of: AsOfOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Say how two policy files differ; on a history, which promises and which facts change their verdict."""
    ours, theirs = (bootstrap.read_policy(path) for path in (before, after))
    found = changes(ours[1], theirs[1])
    document: dict[str, Any] = {
        "before": ours[1].label,
        "after": theirs[1].label,
        "changes": [change._asdict() for change in found],
        "history": None,
    }
    if on_history or trace is not None:
        document["history"] = _on_history((ours[0], theirs[0]), (before, after), trace, as_of)
    if format_ is Format.JSON:
        print_json(document)
    else:
        _show_difference(document)


def _on_history(
    texts: tuple[str, str], paths: tuple[Path, Path], trace: Path | None, as_of: str | None
) -> dict[str, Any]:
    """Judge a trace, or else the ledger, under both policies, and give what differs."""
    moment = parse_as_of(as_of)
    question = Question(LAST.at)
    if trace is not None:
        with opened(trace) as stream:
            read = read_trace(stream)
        one, other = (audit_trace(read, policy_of(read, path), question, as_of=moment) for path in paths)
        tell_rejected(read)
        return {"facts": one["events"], "readings": difference(one, other)}
    documents = []
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection:
        company = installation.identity.company_stream
        for text in texts:
            what = ledgers.scope(installation.database, connection, company, text, question, as_of=moment)
            with progress("judging") as show:
                documents.append(ledgers.audit_ledger(what, on_progress=show))
    return {"facts": documents[0]["events"], "readings": difference(*documents)}


def _summary(policy: Policy) -> dict[str, Any]:
    return {
        "policy": policy.label,
        "title": policy.title,
        "digest": policy.digest,
        "text_digest": policy.sha256,
        "observed_at": rfc3339(policy.observed_at),
        "effective_from": rfc3339(policy.effective_from) if policy.effective_from else None,
        "promises": len(policy.promises),
        "modalities": dict(Counter(one.modality.value for one in policy.promises)),
        "provable": dict(Counter(one.provable.value for one in policy.promises)),
        "kinds": dict(sorted(Counter(one.kind for one in policy.promises).items())),
        "not_enforced": [one.id for one in policy.promises if not one.enforced],
        "otherwise": {
            one.id: sorted(reading.value for reading in one.otherwise) for one in policy.promises if one.otherwise
        },
        "parameters": policy.parameters.model_dump(),
        "purposes": {name: list(purposes) for name, purposes in policy.purposes.items()},
        "roles": {role.value: list(categories) for role, categories in policy.roles.items()},
        "programs": [program.value for program in Program],
    }


def _contradiction(one: Contradiction) -> dict[str, Any]:
    return {
        "permits": one.permits,
        "forbids": one.forbids,
        "codes": list(one.codes),
        "why": " ".join(map(reason, one.codes)),
        "readings": {
            reading.value: [_combination(one) for one in combinations]
            for reading, combinations in one.combinations.items()
        },
    }


def _combination(combination: Combination) -> dict[str, Any]:
    return {name: getattr(value, "value", value) for name, value in combination._asdict().items()}


def _show(policy: Policy, found: list[Contradiction]) -> None:
    told = _summary(policy)
    titles = {one.id: one.title for one in policy.promises}
    say(f"{visible(told['title'])} ({visible(told['policy'])}) can be used.")
    rows: list[tuple[object, ...]] = [
        ("promises", f"{told['promises']}: {_counted(told['modalities'])}"),
        ("rule kinds", f"{len(told['kinds'])}: {', '.join(told['kinds'])}"),
        ("provable by", _counted(told["provable"])),
        ("other readings of", ", ".join(told["otherwise"]) or "none"),
        ("not enforced", ", ".join(told["not_enforced"]) or "none"),
        ("observed on", told["observed_at"]),
        ("in force", told["effective_from"] or "from when is unknown, so all along"),
        ("digest", told["digest"]),
    ]
    print_table("The file", ("what", "is"), rows)
    meanings = MEANINGS["parameters"]
    settings = [
        (name, "not set" if value is None else value, meanings[name]) for name, value in told["parameters"].items()
    ]
    print_table("What the text leaves open", ("parameter", "is", "which is"), settings)
    if not found:
        say("No promise forbids what another one permits, under any reading.")
        return
    say(f"\n{_several(len(found), 'contradiction')}: one promise permits what another forbids.")
    for one in found:
        readings = "; ".join(
            f"{reading.value}: {len(combinations)}" for reading, combinations in one.combinations.items()
        )
        say(f"\n{one.permits} {titles[one.permits]}\n  against {one.forbids} {titles[one.forbids]}")
        say(f"  combinations under {readings}; such as {_in_words(one.example)}")
        for code in one.codes:
            say(f"  – {reason(code)}")


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _in_words(one: Combination) -> str:
    """Return in words what is done in a combination."""
    words = {
        "enrollment": f"enrolling in {_plain(one.program)}",
        "message": f"a mail of {_plain(one.program)}",
        "share": f"giving {one.category or 'any category'} to a recipient in the role {_plain(one.role)}",
        "cookie": f"a cookie that holds {one.category or 'any category'}",
    }
    told = words[one.what]
    if one.purpose:
        told += f" for {_plain(one.purpose)}"
    if one.act:
        told += f", after {_plain(one.act)}"
    return told + (" by somebody who had left it before" if one.after_opt_out else "")


def _plain(word: object) -> str:
    return str(getattr(word, "value", word)).replace("_", " ")


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
