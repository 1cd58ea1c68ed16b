"""Verdicts derived by hand from the wire contract, each with the sentence that it follows from."""

from __future__ import annotations

import json
import os
import tomllib
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from adapters.audits.traces import Trace, audit_trace, policy_of, read_trace
from adapters.contract import parse_name
from domain.audit.question import Question
from domain.records.customer import LAST
from tests.laws.as_told import audited, now, shown, told
from tests.verdicts.notation import SOURCE, fact_of, name_of, time_of

FOLDER: Final = Path(__file__).parent
CONTRACT: Final = os.environ.get("PLEDGER_TEST_CONTRACT", "")
"""The files of the contract and of the analysed policy, where they are at hand; they are no part of the repository."""
LEAST: Final = 200
EARLIEST: Final = "2015-01-01"
READINGS: Final = ("harmonised", "strict", "permissive")


class Verdict(NamedTuple):
    """A trace in short notation, what is to be said of it, and the sentence that says so."""

    title: str
    trace: str
    says: str
    sentence: str
    as_of: str | None = None


class Judged(NamedTuple):
    """The audit of a trace: the document, and the numbers of the lines that were rejected."""

    document: dict[str, Any]
    rejected: set[int]


def verdicts() -> list[Verdict]:
    """Return the verdicts of all files."""
    found = []
    for file in sorted(FOLDER.glob("*.toml")):
        for sentence in tomllib.loads(file.read_text())["sentence"]:
            text = sentence.get("wire") or sentence["policy"]
            for one in sentence["verdicts"]:
                title = f"{file.stem}: {one['title']}"
                found.append(Verdict(**{**one, "title": title}, sentence=text))
    return found


@pytest.mark.parametrize("verdict", [pytest.param(one, id=one.title) for one in verdicts()])
def test_verdict(verdict: Verdict) -> None:
    """The audit says of the trace what follows from the sentence."""
    judged = judge(verdict)
    for said in verdict.says.split(";"):
        assert found(judged, said.split()) == said.split(), (said, verdict.sentence)


@pytest.mark.parametrize("verdict", [pytest.param(one, id=one.title) for one in verdicts()])
def test_verdict_where_all_is_read_anew(verdict: Verdict) -> None:
    """It says the same where a fact that bears on nothing was told last of a time before all others."""
    notes = verdict.trace.split(";")
    people = sorted({note.split()[1] for note in notes if note.split()[1].isdigit()})
    late = [f"{EARLIEST} {who} completed X-0" for who in people]
    judged = judge(verdict._replace(trace=";".join([*notes, *late]), as_of=verdict.as_of or latest(notes)))
    for said in verdict.says.split(";"):
        if said.split()[0] != "events":
            assert found(judged, said.split()) == said.split(), (said, verdict.sentence)


@pytest.mark.parametrize("verdict", [pytest.param(one, id=one.title) for one in verdicts()])
def test_verdict_on_a_ledger(verdict: Verdict) -> None:
    """A ledger that was told the lines as they come says the same, whatever it made of those that came too early."""
    notes = verdict.trace.split(";")
    as_of = datetime.fromisoformat(time_of(verdict.as_of or latest(notes)))
    facts = [line.fact for line in read(notes).until(as_of)]
    judged = Judged(audited(told(facts), as_of), set())
    for said in verdict.says.split(";"):
        if said.split()[0] not in {"events", "rejected"}:
            assert found(judged, said.split()) == said.split(), (said, verdict.sentence)


@pytest.mark.parametrize(
    "verdict", [pytest.param(one, id=one.title) for one in verdicts() if "rejected" not in one.says]
)
def test_what_a_ledger_shows_then(verdict: Verdict) -> None:
    """It is what a trace of the lines comes to; who is shown as enrolled is, but by an enrollment that was sent."""
    notes = verdict.trace.split(";")
    facts = [line.fact for line in read(notes).lines]
    people = [parse_name(name_of(who)) for who in sorted({note.split()[1] for note in notes}) if who.isdigit()]
    of_ledger, of_trace = (now(shown(told(facts, in_time=in_time), people)) for in_time in (False, True))
    assert of_ledger == of_trace
    if not any(note.split()[2] == "enroll" for note in notes):
        assert [what for what, (is_shown, is_in, _) in of_ledger.items() if is_shown is not is_in] == []


def test_there_are_enough() -> None:
    """There are two hundred, and no two have one name."""
    assert len(verdicts()) >= LEAST
    assert len({one.title for one in verdicts()}) == len(verdicts())


@pytest.mark.skipif(not CONTRACT, reason="PLEDGER_TEST_CONTRACT names no files of the contract")
def test_every_sentence_stands_in_the_contract() -> None:
    """Each quotation is found in the contract, or in the analysed policy, word for word."""
    texts = [" ".join(Path(one).read_text().replace('\\"', '"').split()) for one in CONTRACT.split(os.pathsep)]
    missing = {one.sentence for one in verdicts() if not any(one.sentence in text for text in texts)}
    assert not missing


def judge(verdict: Verdict) -> Judged:
    """Audit a trace, as `pledger audit --trace` does."""
    trace = read(verdict.trace.split(";"))
    as_of = datetime.fromisoformat(time_of(verdict.as_of)) if verdict.as_of else None
    document = audit_trace(trace, policy_of(trace, None), Question(LAST.at), as_of=as_of)
    return Judged(document, set(trace.rejected))


def read(notes: list[str]) -> Trace:
    """Read lines in short notation as a trace."""
    facts = [fact_of(number, line) for number, line in enumerate(notes, 1)]
    return read_trace(BytesIO("".join(f"{json.dumps(one)}\n" for one in facts).encode()))


def latest(notes: list[str]) -> str:
    """Return the latest time of the lines of a trace, as of which it is judged unless it says otherwise."""
    return max((note.split()[0] for note in notes), key=time_of)


def found(judged: Judged, said: list[str]) -> list[str]:
    """Return what the audit says where `said` says something: a status, with the lines that break it if `said` has any.

    `P17 not broken` asks for any other status; `events 2`, `rejected 1 3` and `ungrounded 2` for what stands beside.
    """
    what, *rest = said
    if what == "events":
        return [what, str(judged.document["events"])]
    if what == "rejected":
        return [what, *map(str, sorted(judged.rejected))]
    if what == "ungrounded":
        return [what, *lines(judged.document["ungrounded"])]
    reading, promise, *rest = said if what in READINGS else ["harmonised", *said]
    verdict = judged.document["readings"][reading][promise]
    before, status = [reading, promise] if what in READINGS else [promise], verdict["status"]
    if rest[0] == "not":
        return [*before, *rest] if status != rest[1] else [*before, status]
    return [*before, status, *(lines(verdict["violations"]) if rest[1:] else [])]


def lines(said: list[dict[str, Any]]) -> list[str]:
    """Return the lines that findings name, in order."""
    numbers = {int(one["event"].removeprefix(f"{SOURCE} f")) for one in said}
    return [str(number) for number in sorted(numbers)]
