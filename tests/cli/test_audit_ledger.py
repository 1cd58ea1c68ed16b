"""`pledger audit` of a ledger: whole or of one customer, in one process or two, and as the same facts in a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from adapters.audits import ledgers
from adapters.bootstrap import DEFAULT_POLICY
from adapters.demo import PLANTED, shop_life
from tests.cli.audit_sample import AS_OF, HISTORY
from tests.controls import cloud_event, lines, verified

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

END = "2016-07-15T00:00:00Z"
DAYS = 60


def life(customers: int = 40) -> list[dict[str, Any]]:
    """Return a short life of the demo's shop, in which there are people of two names, some are erased, and browsers."""
    facts = list(shop_life(customers, DAYS))
    subjects = list(
        dict.fromkeys(fact["subject"] for fact in facts if fact.get("subject", "").startswith("customer:2"))
    )
    for number, subject in enumerate(subjects[:6]):
        also = [verified(subjects[number + 6])]
        facts.append(
            cloud_event(
                "record_read", f"read-{number}", "2016-06-20T00:00:00Z", subject, reader="r", purpose="p", also=also
            )
        )
    for number, subject in enumerate(subjects[4:9]):
        facts.append(cloud_event("erasure", f"erase-{number}", "2016-07-01T00:00:00Z", subject, reason="asked"))
    for number in range(6):
        cookie = {"cookie": "c", "purpose": "track_visits", "categories": ["user.name"] if number else []}
        facts.append(
            cloud_event("cookie_set", f"cookie-{number}", "2016-06-21T00:00:00Z", f"visitor:v-{number}", **cookie)
        )
    return facts


@pytest.fixture
def audit(begun: None, pledger: Callable[..., Ran]) -> Callable[..., dict[str, Any]]:
    """Audit the ledger as of the end, and give the document."""

    def run(*options: str, stdin: str | None = None) -> dict[str, Any]:
        ran = pledger("audit", "--as-of", END, "--format", "json", *options, stdin=stdin)
        assert ran.code == 0, ran.err
        document: dict[str, Any] = ran.json
        return document

    return run


def known(one: dict[str, Any]) -> dict[str, Any]:
    """Return the particulars of a statement that a trace has as well: there references are as sent, and no clock is."""
    only = {"told_at", "reference", "expected_reference"}
    return {name: value for name, value in one["particulars"].items() if name not in only}


def gist(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Return what is said of each promise under each reading, by which facts; a ledger names people by other ids."""
    return {
        (reading, promise): (
            verdict["status"],
            verdict["exercised"],
            verdict.get("persons_affected"),
            [
                (status, one["event"], one["at"], one["codes"], one.get("evidence"), one.get("remedied"), known(one))
                for status in ("violations", "open", "excused", "indeterminate", "attested")
                for one in verdict.get(status, ())
            ],
        )
        for reading, verdicts in document["readings"].items()
        for promise, verdict in verdicts.items()
    }


@pytest.mark.slow
def test_two_processes_find_what_one_does(
    audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger with linked and erased people and browsers gives the same bytes, however many work on it."""
    monkeypatch.setattr(ledgers, "ALONE_MAX", 0)
    monkeypatch.setattr(ledgers, "EVENTS_A_RANGE", 1)
    assert pledger("append", "-", stdin=lines(*life())).code == 0
    runs = [
        pledger("audit", "--as-of", END, "--workers", workers, "--format", format_)
        for format_ in ("json", "html")
        for workers in ("1", "2", "3")
    ]
    assert [ran.code for ran in runs] == [0] * 6
    assert len({ran.out for ran in runs}) == 2
    document = runs[0].json
    cookies = [fact for fact in life() if fact["type"] == "pledger.cookie_set.v1"]
    assert document["readings"]["harmonised"]["P28"]["exercised"] == len(cookies)
    assert {status for verdict in document["readings"]["harmonised"].values() for status in [verdict["status"]]} >= {
        *("broken", "kept", "attested", "indeterminate")
    }
    assert audit("--workers", "2", "--promise", "P28")["readings"]["harmonised"]["P28"]["persons_affected"] == 5


def test_ranges_change_nothing(
    audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger with linked and erased people and browsers gives the same document, in however many ranges it is cut."""
    assert pledger("append", "-", stdin=lines(*life())).code == 0
    found = []
    for events in (10**6, 100, 1):
        monkeypatch.setattr(ledgers, "EVENTS_A_RANGE", events)
        found.append(audit("--as-of", END))
    assert found[1:] == found[:1] * 2


def agrees(of_ledger: object, of_trace: object) -> bool:
    """Return whether two documents are equal, but for facts named by position: of browsers and the erased."""
    if isinstance(of_ledger, str) and isinstance(of_trace, str):
        return of_ledger == of_trace or of_ledger.startswith("#")
    if isinstance(of_ledger, dict) and isinstance(of_trace, dict):
        same = of_ledger.keys() == of_trace.keys()
        return same and all(agrees(one, of_trace[key]) for key, one in of_ledger.items())
    if isinstance(of_ledger, list | tuple) and isinstance(of_trace, list | tuple):
        return len(of_ledger) == len(of_trace) and all(map(agrees, of_ledger, of_trace))
    return of_ledger == of_trace


def test_a_ledger_and_a_file_of_the_same_facts_say_the_same(
    audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]
) -> None:
    """Of every promise under every reading: status, numbers, and which facts broke it when, and why."""
    text = lines(*life())
    assert pledger("append", "-", stdin=text).code == 0
    of_ledger, of_trace = audit(), audit("--trace", "-", stdin=text)
    assert agrees(gist(of_ledger), gist(of_trace))
    assert of_ledger["events"] == of_trace["events"] + 1  # The ledger published its policy.
    found = {
        (promise, one["event"])
        for promise, verdict in of_ledger["readings"]["harmonised"].items()
        for one in verdict["violations"]
    }
    # A browser's facts have no name in a ledger; the trace names them.
    of_browsers = {(one.promise, one.fact) for one in PLANTED if one.promise in {"P28", "P29", "P30", "P31", "P34"}}
    assert found >= {(one.promise, one.fact) for one in PLANTED} - of_browsers


def test_what_came_late_is_listed(audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]) -> None:
    """The mail was told before the opt-out that it broke, and the file says nothing of that: nobody appended it."""
    assert pledger("append", "-", stdin=lines(*HISTORY)).code == 0
    revised = {one["event"]: one for one in audit()["seen_otherwise_at_append"]}
    assert revised["/shop queued"] == {
        "event": "/shop queued",
        "at": "2016-05-02T00:00:00Z",
        "then": [],
        "now": ["P11", "P17", "P18"],
    }
    assert (revised["/shop parcel"]["then"], revised["/shop parcel"]["now"]) == (["P05"], [])
    assert audit("--trace", "-", stdin=lines(*HISTORY))["seen_otherwise_at_append"] == []


def test_as_of_a_position_is_what_was_known_then(
    audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]
) -> None:
    """Before the late opt-out was told, the mail broke nothing."""
    before = HISTORY[: HISTORY.index(next(fact for fact in HISTORY if fact["id"] == "left"))]
    assert pledger("append", "-", stdin=lines(*before)).code == 0
    position = str(pledger("status", "--format", "json").json["events"])
    assert pledger("append", "-", stdin=lines(*HISTORY)).code == 0
    early = pledger("audit", "--as-of", position, "--format", "json").json
    assert early["readings"]["harmonised"]["P18"]["status"] == "untested"
    assert audit()["readings"]["harmonised"]["P18"]["status"] == "broken"


def test_one_customer(audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]) -> None:
    """Only what is about that person is judged, on all of their streams; the company's breaches are not theirs."""
    assert pledger("append", "-", stdin=lines(*HISTORY)).code == 0
    document = audit("--customer", "customer:1")
    assert document["scope"]["customer"] == "customer:1"
    broken = {
        promise: [one["event"] for one in verdict["violations"]]
        for promise, verdict in document["readings"]["harmonised"].items()
        if verdict["violations"]
    }
    assert broken == {
        "P03": ["/shop o-1"],
        "P11": ["/shop queued", "/shop slip"],
        "P17": ["/shop queued"],
        "P18": ["/shop queued", "/shop slip"],
    }
    ran = pledger("audit", "--customer", "customer:none", "--format", "json")
    assert (ran.code, json.loads(ran.err)["error"]["code"]) == (1, "unknown_customer")


def test_the_company_is_nobody(audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]) -> None:
    """What the company did is about no person; what was done to people names them by the ledger's own id."""
    incident = {"incident": "i", "unauthorised_reads": 1, "categories": ["user.name"]}
    assert (
        pledger(
            "append", "-", stdin=lines(*HISTORY, cloud_event("incident", "i", "2016-05-20T00:00:00Z", **incident))
        ).code
        == 0
    )
    verdicts = audit()["readings"]["harmonised"]
    assert [one["subject"] for one in verdicts["P21"]["violations"]] == [None]
    assert "persons_affected" in verdicts["P21"]
    assert verdicts["P21"]["persons_affected"] == 0
    assert all(one["subject"].startswith("id:") for one in verdicts["P18"]["violations"])


def test_a_ledger_under_another_policy_compares_nothing(
    audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran], tmp_path: Path
) -> None:
    """What was found at append was found by another policy, so nothing is said to be seen otherwise."""
    other = tmp_path / "other.toml"
    text = DEFAULT_POLICY.read_text(encoding="utf-8")
    other.write_text(text.replace("\nopt_out_grace_seconds = 0", "\nopt_out_grace_seconds = 864000"), encoding="utf-8")
    assert pledger("append", "-", stdin=lines(*HISTORY)).code == 0
    document = audit("--policy", str(other))
    assert document["seen_otherwise_at_append"] == []
    assert "/shop queued" not in [one["event"] for one in document["readings"]["harmonised"]["P18"]["violations"]]


def test_an_unknown_promise_is_an_error(audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]) -> None:
    """The error comes before anything is judged, and lists the promises."""
    assert audit("--promise", "P01")["scope"]["promises"] == ["P01"]
    ran = pledger("audit", "--promise", "P1", "--format", "json")
    error = json.loads(ran.err)["error"]
    assert (ran.code, ran.out, error["code"]) == (1, "", "no_such_promise")
    assert "P34" in error["why"]


def test_as_of_before_everything(audit: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]) -> None:
    """A ledger of nothing but its policy is judged: the notice has been nowhere since it was published."""
    document = pledger("audit", "--as-of", AS_OF, "--format", "json").json
    assert document["events"] == 1
    verdicts = document["readings"]["strict"]
    assert {promise for promise, verdict in verdicts.items() if verdict["violations"]} == {"P02", "P34"}
    assert audit()["digest"] != document["digest"]
