"""`pledger explain`: what a fact was, and what every rule says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.bootstrap import POLICIES
from tests.cli.sample import COLLECTED, ORDERED, SHARED, opt_out
from tests.controls import cloud_event, lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

SECRET = ("marked-value@example.org", "Ada", "1 Quay Lane", "O-1", "customer:1", "marked-reason")
MESSAGE = cloud_event("message", "m-1", "2016-06-01T00:00:00Z")
ASKED = {**MESSAGE, "id": "m-2", "data": {**MESSAGE["data"], "mode": "enforce", "message_id": "m-2"}}
WRONG = cloud_event(
    "entry_correction", "w-1", "2016-06-03T00:00:00Z", entry={"source": "/shop", "id": "m-1"}, reason="marked-reason"
)
FACTS = (COLLECTED, ORDERED, SHARED, opt_out("o-1"), MESSAGE, ASKED, WRONG)


@pytest.fixture
def explained(begun: None, pledger: Callable[..., Ran]) -> Callable[..., dict[str, Any]]:
    """Return explanations out of a ledger of these facts; nothing personal may stand in one, in either form."""
    assert pledger("append", "-", stdin=lines(*FACTS)).code == 1  # One is refused, as asked.

    def explain(*words: str) -> dict[str, Any]:
        shown = pledger("explain", *words)
        ran = pledger("explain", *words, "--format", "json")
        assert (shown.code, ran.code) == (0, 0), ran.err
        for text in (shown.out, shown.err, ran.out, ran.err):
            assert not [secret for secret in SECRET if secret in text]
        document: dict[str, Any] = ran.json
        return document

    return explain


def said(document: dict[str, Any], promise: str, reading: str = "harmonised") -> list[dict[str, Any]]:
    """Return what a promise's rule says under a reading."""
    return [one for one in document["readings"][reading] if one["promise"] == promise]


def test_a_message_after_an_opt_out(explained: Callable[..., dict[str, Any]]) -> None:
    """It breaks P18 because of the opt-out, now as at append; the explanation has its fields and its subject."""
    document = explained("/shop m-1")
    (event,) = document["events"]
    assert (event["type"], event["time"], event["position"]) == ("MessageSent.v1", "2016-06-01T00:00:00Z", 7)
    assert event["subject"].startswith("id:")
    assert event["fields"] == {
        "channel": "email",
        "purpose": "direct_marketing",
        "unsubscribe_link": True,
    }
    (verdict,) = said(document, "P18")
    assert (verdict["status"], verdict["codes"], verdict["relied_on"]) == (
        "broken",
        ["mailed_after_opt_out"],
        ["/shop o-1"],
    )
    assert verdict["why"] == (
        "The person had left the program: opted out 2016-05-01T00:00:00Z; by portal; program email_marketing."
    )
    assert verdict["particulars"]["opted_out_at"] == "2016-05-01T00:00:00Z"
    found = [one for one in event["found_at_append"] if one["promise"] == "P18"]
    assert [(one["code"], one["why"], one["relied_on"]) for one in found] == [
        ("mailed_after_opt_out", "The person had left the program.", ["/shop o-1"])
    ]
    assert document["seen_otherwise_at_append"] == []
    assert document["entry_corrected"] == {
        "by": "/shop w-1",
        "replacement": None,
        "reason": None,
        "evidence": None,
    }


def test_it_says_what_the_audit_says(explained: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]) -> None:
    """Under every reading, the facts that an audit lists as breaking a promise are explained as breaking it."""
    audit = pledger("audit", "--format", "json").json
    names = {f"{one['source']} {one['id']}" for one in FACTS}
    told = {name: explained(name) for name in names}
    for reading, promises in audit["readings"].items():
        for promise, verdict in promises.items():
            broken = {one["event"] for one in verdict["violations"]} & names
            explains = {
                name
                for name, document in told.items()
                if any(one["status"] == "broken" and one["of"] == name for one in said(document, promise, reading))
            }
            assert explains == broken, (reading, promise)


def test_a_position_names_the_fact_that_made_the_event(explained: Callable[..., dict[str, Any]]) -> None:
    """One fact made a collection and an enrollment; either's position explains it whole, with what each rule says."""
    document = explained("/shop c-1")
    positions = [event["position"] for event in document["events"]]
    assert [event["type"] for event in document["events"]] == ["DataCollected.v1", "CustomerEnrolled.v1"]
    assert [explained(str(position)) for position in positions] == [document, document]
    (enrolled,) = said(document, "P15")
    assert (enrolled["status"], enrolled["type"]) == ("kept", "CustomerEnrolled.v1")
    assert enrolled["relied_on"] == ["/shop c-1"]
    assert said(document, "P11", "strict") == []  # What the ledger itself made breaks no promise.


def test_what_rests_on_a_fact(explained: Callable[..., dict[str, Any]]) -> None:
    """No rule speaks of an opt-out itself; what it makes a breach names it, under which readings."""
    document = explained("/shop o-1")
    assert not any(document["readings"].values())
    resting = [one for one in document["relied_on_by"] if one["promise"] == "P18"]
    assert resting == [
        {
            "event": "/shop m-1",
            "promise": "P18",
            "status": "broken",
            "readings": ["harmonised", "strict", "permissive"],
        }
    ]


def test_a_refusal_says_what_it_would_have_broken(explained: Callable[..., dict[str, Any]]) -> None:
    """What was refused did not happen: the explanation says what stood against it, and no rule judges it."""
    document = explained("/shop m-2")
    (event,) = document["events"]
    assert (document["refused"], event["type"]) == (True, "UseRefused.v1")
    assert "P18" in {one["promise"] for one in event["found_at_append"]}
    assert not any(document["readings"].values())


def test_what_came_late_is_seen_otherwise(
    explained: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]
) -> None:
    """A recipient registered after the share, with an earlier time, turns the verdict; both verdicts are shown."""
    before = explained("/shop s-2")
    assert [one["status"] for one in said(before, "P05")] == ["broken"]
    data = {"recipient": "nobody-known", "roles": ["carrier"], "categories": ["user.contact.address"]}
    late = cloud_event("recipient_registered", "r-1", "2016-04-02T12:00:00Z", **data)
    assert pledger("append", "-", stdin=lines(late)).code == 0
    after = explained("/shop s-2")
    (kept,) = said(after, "P05")
    assert (kept["status"], kept["late_evidence"]) == ("kept", ["recipient nobody-known"])
    (revised,) = after["seen_otherwise_at_append"]
    assert ("P05" in revised["then"], "P05" in revised["now"]) == (True, False)
    assert "P05" in pledger("explain", "/shop s-2").out
    # As of a time before the fact came in, and of one before it happened.
    size = str(pledger("status", "--format", "json").json["events"] - 1)
    assert explained("/shop s-2", "--as-of", size) == before
    assert "unknown_event" in pledger("explain", "/shop s-2", "--as-of", "2016-04-02T00:00:00Z").err


def test_a_deadline(explained: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]) -> None:
    """What time alone decides is said of the fact that set it: open, then broken."""
    learned = cloud_event("age_learned", "a-1", "2016-06-10T00:00:00Z", under=13)
    assert pledger("append", "-", stdin=lines(learned)).code == 0
    (open_,) = said(explained("/shop a-1"), "P23")
    assert (open_["status"], open_["type"], open_["at"]) == ("open", None, "2016-07-10T00:00:00Z")
    (broken,) = said(explained("/shop a-1", "--as-of", "2016-07-11T00:00:00Z"), "P23")
    assert (broken["status"], broken["codes"]) == ("broken", ["child_not_erased"])


def test_facts_of_the_company_and_of_a_browser(
    explained: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]
) -> None:
    """What nobody's stream holds is explained on its own history; of the company nobody is named."""
    cookie = cloud_event(
        "cookie_set",
        "k-1",
        "2016-05-01T00:00:00Z",
        "visitor:marked-browser",
        cookie="basket",
        purpose="improve_site",
        categories=["user.name"],
    )
    assert pledger("append", "-", stdin=lines(cookie)).code == 0
    document = explained("/shop k-1")
    assert "marked-browser" not in str(document)
    assert "cookie_identifies" in {code for one in document["readings"]["harmonised"] for code in one["codes"]}
    published = explained("1")
    assert (published["event"], published["events"][0]["subject"]) == ("/pledger/init policy-2016-03-14", None)


def _gist(document: dict[str, Any]) -> list[Any]:
    """Return what an explanation says, without the names of facts."""
    said = [
        (reading, one["promise"], one["status"], one["codes"], one["at"], len(one["relied_on"]))
        for reading, all_of in document["readings"].items()
        for one in all_of
    ]
    found = [
        (one["promise"], one["code"], len(one["relied_on"]))
        for own in document["events"]
        for one in own["found_at_append"]
    ]
    return [said, found, [own["fields"] for own in document["events"]]]


def test_an_erased_persons_facts(explained: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]) -> None:
    """Nothing of them can be opened. By position they are explained as before; their names lead nowhere."""
    before = explained("/shop m-1")
    (event,) = before["events"]
    other = {**opt_out("o-9", "2016-06-03T00:00:00Z", "customer:9"), "source": "/elsewhere"}
    erased = cloud_event("erasure", "x-1", "2016-06-03T00:00:00Z", reason="asked")
    appended = pledger("append", "-", "--format", "json", stdin=lines(other, erased))
    after = explained(str(event["position"]))
    assert (after["event"], before["event"]) == (f"#{event['position']}", "/shop m-1")
    assert _gist(after) == _gist(before)
    assert [one["type"] for one in explained(str(appended.json["position"]))["events"]] == ["CustomerErased.v1"]
    for name in ("/shop m-1", "/shop c-1", "/shop x-1"):
        ran = pledger("explain", name)
        assert (ran.code, ran.out) == (1, "")
        assert "unknown_event" in ran.err
        assert "its customer has been erased" in ran.err
        assert "position" in ran.err
        assert name not in ran.err
    assert [one["type"] for one in explained("/elsewhere o-9")["events"]] == ["CustomerOptedOut.v1"]


def test_another_policy(explained: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    """By another policy file other rules speak; what was found at append stays what it was."""
    own = explained("/shop m-1")
    text = (POLICIES / "diamondnexus-2016-03-14.toml").read_text(encoding="utf-8")
    lenient = tmp_path / "lenient.toml"
    lenient.write_text(text.replace("\nopt_out_grace_seconds = 0", "\nopt_out_grace_seconds = 31536000", 1))
    document = explained("/shop m-1", "--policy", str(lenient))
    assert document["policy_digest"] != own["policy_digest"]
    assert [one["status"] for one in said(own, "P17")] == ["broken"]
    assert [one["status"] for one in said(document, "P17")] == ["kept"]
    assert document["events"] == own["events"]
    assert document["seen_otherwise_at_append"] == []


def test_a_trace(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """Without a ledger: the same verdicts, no name and no reference; a line is a position, and bad ones are counted."""
    trace = tmp_path / "trace.jsonl"
    trace.write_text(lines(*FACTS[:5], "no fact"))
    for event in ("/shop m-1", "5"):
        ran = pledger("explain", event, "--trace", str(trace), "--format", "json")
        (own,) = ran.json["events"]
        assert (own["position"], own["subject"], own["found_at_append"]) == (5, None, None)
        assert [one["relied_on"] for one in said(ran.json, "P18")] == [["/shop o-1"]]
        assert "1 lines were rejected" in ran.err
    shared = pledger("explain", "/shop s-2", "--trace", str(trace), "--format", "json")
    shown = pledger("explain", "/shop s-2", "--trace", str(trace))
    assert shared.json["events"][0]["fields"]["recipient"] == "nobody-known"
    for text in (shared.out, shared.err, shown.out, shown.err):
        assert not [secret for secret in SECRET if secret in text]
    assert "unknown_event" in pledger("explain", "6", "--trace", str(trace)).err
    late = pledger("explain", "/shop m-1", "--trace", str(trace), "--as-of", "4")
    assert (late.code, "unknown_event" in late.err) == (1, True)


def test_a_breach_that_a_later_fact_shows(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """An address given away before its owner had an account: either fact names the other."""
    google = {"recipient": "ads", "roles": ["advertiser"], "categories": ["user.contact.email"], "group": "google"}
    registered = cloud_event("recipient_registered", "r-1", "2016-04-01T00:00:00Z", **google)
    given = {"recipient": "ads", "purpose": "deliver_ads", "categories": ["user.contact.email"], "kind": "third_party"}
    account = {**COLLECTED["data"], "act": "account", "reference": "A-1"}
    trace = tmp_path / "trace.jsonl"
    trace.write_text(
        lines(
            registered,
            COLLECTED,
            {**SHARED, "id": "s-1", "data": given},
            {**COLLECTED, "id": "a-1", "time": "2016-05-01T00:00:00Z", "data": account},
        )
    )
    for event in ("/shop s-1", "/shop a-1"):
        (told,) = said(pledger("explain", event, "--trace", str(trace), "--format", "json").json, "P33")
        assert (told["status"], told["of"], told["shown_by"]) == ("broken", "/shop s-1", "/shop a-1")
    assert "shown by /shop a-1" in pledger("explain", "/shop s-1", "--trace", str(trace)).out


def test_a_refusal_for_an_unregistered_purpose(
    explained: Callable[..., dict[str, Any]], pledger: Callable[..., Ran]
) -> None:
    """A refusal by the register, which no promise asks for, has its sentence as well."""
    data = {"purpose": "posters", "categories": ["user.contact.email"], "mode": "enforce"}
    use = cloud_event("use", "p-1", "2016-05-01T00:00:00Z", **data)
    assert pledger("append", "-", stdin=lines(use)).code == 1
    (event,) = explained("/shop p-1")["events"]
    assert ("registry", "The purpose was not registered.") in {
        (one["promise"], one["why"]) for one in event["found_at_append"]
    }


@pytest.mark.parametrize(
    "event", ["/shop m-9", "0", "9999", "9" * 30, "m-1", "/shop ", " m-1", "", "/shop\x00 m-1", "/sho \ud800"]
)
def test_an_event_that_nobody_knows(
    explained: Callable[..., dict[str, Any]], pledger: Callable[..., Ran], event: str
) -> None:
    """The error says that there is no such event, and does not repeat the argument."""
    del explained
    ran = pledger("explain", event)
    assert (ran.code, ran.out) == (1, "")
    assert "There is no such event. (unknown_event)" in ran.err
    assert event not in ran.err or not event.strip("0")


def test_why_an_entry_was_declared_wrong(pledger: Callable[..., Ran], tmp_path: Path) -> None:
    """A trace has no seal, so that its reason and what shows it are printed, with what replaces the entry."""
    said = {"entry": {"source": "/shop", "id": COLLECTED["id"]}, "reason": "a slip", "evidence": "ticket T-7"}
    corrected = cloud_event("entry_correction", "w-9", "2016-06-01T00:00:00Z", **said)
    trace = tmp_path / "trace.jsonl"
    trace.write_text(lines(COLLECTED, corrected))
    asked = "explain", f"/shop {COLLECTED['id']}", "--trace", str(trace)
    expected = {"by": "/shop w-9", "replacement": None, "reason": "a slip", "evidence": "ticket T-7"}
    assert pledger(*asked, "--format", "json").json["entry_corrected"] == expected
    shown = pledger(*asked).out
    assert "Because: a slip" in shown
    assert "Shown by: ticket T-7" in shown
    assert "Replaced by" not in shown
