"""`pledger audit --trace`: facts in a file are judged without a ledger, and nothing but the document is printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from adapters.bootstrap import DEFAULT_POLICY
from tests.cli.audit_sample import AS_OF, HISTORY, LEFT, QUEUED, collected
from tests.controls import cloud_event, lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

STORY = (collected("contest_entry", "entry", "2016-04-02T00:00:00Z"), LEFT, QUEUED)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return settings of an installation that is nowhere: a trace needs none."""
    return {"PLEDGER_HOME": str(tmp_path / "none"), "PLEDGER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}


@pytest.fixture
def audit(pledger: Callable[..., Ran]) -> Callable[..., dict[str, Any]]:
    """Audit a trace from standard input, and give the document."""

    def run(*facts: dict[str, Any], options: tuple[str, ...] = ()) -> dict[str, Any]:
        ran = pledger("audit", "--trace", "-", "--format", "json", *options, stdin=lines(*facts))
        assert (ran.code, ran.err) == (0, "")
        document: dict[str, Any] = ran.json
        return document

    return run


def status(document: dict[str, Any], promise: str, reading: str = "harmonised") -> str:
    """Return what is said of a promise."""
    return str(document["readings"][reading][promise]["status"])


def test_a_breach_ends_with_exit_code_0_and_one_document(audit: Callable[..., dict[str, Any]]) -> None:
    """What is found is no failure of the command; facts are named as they were sent, and so are people."""
    document = audit(*STORY)
    assert list(document["readings"]) == ["harmonised", "strict", "permissive"]
    (breach,) = document["readings"]["harmonised"]["P18"]["violations"]
    assert (breach["event"], breach["subject"], breach["at"]) == ("/shop queued", "customer:1", "2016-05-02T00:00:00Z")
    assert document["readings"]["harmonised"]["P18"]["evidence"] == ["/shop left"]
    assert (document["events"], document["as_of"]) == (3, "2016-05-02T00:00:00Z")


def test_lines_that_are_no_facts_are_told_apart(pledger: Callable[..., Ran]) -> None:
    """Standard error lists them by number; standard output holds the document of the others alone."""
    bad = {**QUEUED, "id": "bad", "type": "pledger.nothing.v1"}
    other = {**LEFT, "time": "2016-05-01T01:00:00Z"}
    text = lines(STORY[0], "{", LEFT, bad, LEFT, other, QUEUED)
    ran = pledger("audit", "--trace", "-", "--format", "json", stdin=text)
    assert ran.code == 0
    assert ran.json["events"] == 3
    assert [line.split(" ")[:5] for line in ran.err.splitlines()] == [
        ["line", number, "was", "not", "judged:"] for number in ("2", "4", "6")
    ]
    clean = pledger("audit", "--trace", "-", "--format", "json", stdin=lines(*STORY))
    assert clean.out == ran.out


def test_many_bad_lines_are_counted(pledger: Callable[..., Ran]) -> None:
    """Twenty are listed one by one, then how many more there are."""
    ran = pledger("audit", "--trace", "-", "--format", "json", stdin=lines(*["{"] * 25, *STORY))
    assert ran.err.splitlines()[-1] == "… and 5 more lines"
    assert len(ran.err.splitlines()) == 21
    assert status(ran.json, "P18") == "broken"


def test_a_trace_of_nothing_is_judged(audit: Callable[..., dict[str, Any]]) -> None:
    """An empty file breaks nothing; its time is when the policy was first seen."""
    document = audit()
    assert (document["events"], document["as_of"]) == (0, document["policy_observed_at"])
    assert not any(verdict["violations"] for verdict in document["readings"]["strict"].values())


def test_a_file_gives_what_standard_input_gives(
    audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran], tmp_path: Path
) -> None:
    """A trace may be a named file; a missing one gives an error in three sentences."""
    path = tmp_path / "trace.jsonl"
    path.write_text(lines(*STORY), encoding="utf-8")
    assert pledger("audit", "--trace", str(path), "--format", "json").json == audit(*STORY)
    ran = pledger("audit", "--trace", str(tmp_path / "nowhere"), "--format", "json")
    assert (ran.code, ran.out) == (1, "")
    assert json.loads(ran.err)["error"]["code"] == "file_unreadable"


@pytest.mark.parametrize(
    ("as_of", "events", "moment", "found"),
    [
        ("2016-05-01T23:59:59Z", 2, "2016-05-01T23:59:59Z", "untested"),
        ("2016-05-02T02:00:00+02:00", 3, "2016-05-02T00:00:00Z", "broken"),
        ("2", 2, "2016-05-01T00:00:00Z", "untested"),
        ("3", 3, "2016-05-02T00:00:00Z", "broken"),
    ],
)
def test_as_of_a_time_or_a_line(
    audit: Callable[..., dict[str, Any]], as_of: str, events: int, moment: str, found: str
) -> None:
    """Of a time, what had happened by then; of a line, what had been told by then, judged at its last time."""
    document = audit(*STORY, options=("--as-of", as_of))
    assert (document["events"], document["as_of"], status(document, "P18")) == (events, moment, found)


def test_a_deadline_is_judged_at_as_of(audit: Callable[..., dict[str, Any]]) -> None:
    """That a child is erased in time is open to the last instant of the deadline, and broken after it."""
    facts = (
        collected("order", "o", "2016-04-01T00:00:00Z"),
        cloud_event("age_learned", "age", "2016-04-02T00:00:00Z", under=13),
    )
    for as_of, found in (("2016-05-02T00:00:00Z", "open"), ("2016-05-02T00:00:00.000001Z", "broken")):
        document = audit(*facts, options=("--as-of", as_of))
        assert status(document, "P23") == found
    (breach,) = document["readings"]["harmonised"]["P23"]["violations"]
    assert breach["at"] == "2016-05-02T00:00:00Z"


def test_another_policy_judges_otherwise(audit: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    """Under a file that grants a grace the same mail is kept; the document names that file by its digest."""
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(text.replace("\nopt_out_grace_seconds = 0", "\nopt_out_grace_seconds = 864000"), encoding="utf-8")
    document, usual = audit(*STORY, options=("--policy", str(other))), audit(*STORY)
    assert (status(document, "P18"), status(usual, "P18")) == ("kept", "broken")
    assert document["parameters"]["opt_out_grace_seconds"] == 864_000
    assert document["policy_digest"] != usual["policy_digest"]
    published = cloud_event(
        "policy_published", "pub", "2016-03-01T00:00:00Z", version="2016-03-14", digest=usual["policy_digest"]
    )
    assert status(audit(published, *STORY, options=("--policy", str(other))), "P18") == "broken"


def test_some_readings_and_some_promises(audit: Callable[..., dict[str, Any]]) -> None:
    """Only what is asked about is judged, in the usual order, and it comes out as in the whole audit."""
    whole = audit(*HISTORY, options=("--as-of", AS_OF))
    options = ("--reading", "permissive", "--reading", "strict", "--promise", "P18", "--promise", "P02")
    some = audit(*HISTORY, options=("--as-of", AS_OF, *options))
    assert list(some["readings"]) == ["strict", "permissive"]
    assert list(some["promises"]) == ["P02", "P18"]
    for reading, verdicts in some["readings"].items():
        assert verdicts == {promise: whole["readings"][reading][promise] for promise in ("P02", "P18")}
    assert some["scope"]["promises"] == ["P18", "P02"]
    assert some["digest"] != whole["digest"]


def test_a_period_bounds_what_is_reported_and_not_what_is_known(audit: Callable[..., dict[str, Any]]) -> None:
    """The opt-out before the period counts; a breach at its first or last instant is in it, one outside is not."""
    for since, until, breaches in (
        ("2016-05-02T00:00:00Z", "2016-05-02T00:00:00Z", 1),
        ("2016-05-02T00:00:01Z", "2016-06-01T00:00:00Z", 0),
        ("2016-01-01T00:00:00Z", "2016-05-01T23:59:59Z", 0),
    ):
        document = audit(*STORY, options=("--from", since, "--to", until))
        assert (document["scope"]["from"], document["scope"]["to"]) == (since, until)
        assert len(document["readings"]["harmonised"]["P18"]["violations"]) == breaches
    still = audit(*HISTORY, options=("--as-of", AS_OF, "--to", "2016-04-01T00:00:00Z"))
    assert status(still, "P25") == "open"


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        (("--promise", "P99"), "no_such_promise", "no such promise"),
        (("--customer", "customer:1"), "options_disagree", "--customer"),
        (("--from", "12"), "options_disagree", "--from"),
        (("--to", "2016-05-01"), "options_disagree", "--to"),
        (("--from", "2016-05-02T00:00:00Z", "--to", "2016-05-01T00:00:00Z"), "options_disagree", "--from"),
        (("--as-of", "then"), "bad_as_of", "moment"),
        (("--policy", "nowhere.toml"), "policy_unreadable", "nowhere.toml"),
    ],
)
def test_what_cannot_be_asked_is_reported(
    pledger: Callable[..., Ran], options: tuple[str, ...], code: str, word: str
) -> None:
    """Each mistake has a code and names what is wrong, and nothing is judged."""
    ran = pledger("audit", "--trace", "-", "--format", "json", *options, stdin=lines(*STORY))
    assert (ran.code, ran.out) == (1, "")
    error = json.loads(ran.err)["error"]
    assert error["code"] == code
    assert word in error["what"]


def test_the_same_trace_gives_the_same_bytes(pledger: Callable[..., Ran]) -> None:
    """In every format, at any time."""
    for format_ in ("json", "table", "html"):
        runs = [pledger("audit", "--trace", "-", "--format", format_, stdin=lines(*HISTORY)) for _ in range(2)]
        assert runs[0] == runs[1]
