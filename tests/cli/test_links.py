"""`pledger links`: the list of possible links on the screen and as JSON, and decisions about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_documents import check
from tests.controls import cloud_event, contest_entry, lines, opt_out, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

MAILBOX = "email:ada@example.com"


@pytest.fixture
def desk(begun: None, pledger: Callable[..., Ran]) -> Callable[..., Ran]:
    """Make a ledger of two people with one address, of whom the second claims a mailbox that is linked already."""
    own: dict[str, Any] = {"values": {"user.name": "Ada Quill"}}
    first = cloud_event("link", "first", 3, "customer:1", **{"with": MAILBOX, "verified": "login"})
    second = cloud_event("link", "second", 3, "customer:2", **{"with": MAILBOX, "verified": "merge", "evidence": "C-7"})
    facts = (
        order(1, fact_id="a", **own),
        order(1, subject="customer:2", fact_id="b", **own),
        opt_out(2, subject=MAILBOX, fact_id="c"),
        contest_entry(2, subject="customer:3", fact_id="d"),
        contest_entry(2, subject="guest:F-1", fact_id="e", values={"user.contact.phone_number": "+441632960001"}),
        first,
        second,
    )
    assert pledger("append", "-", stdin=lines(*facts)).code == 0
    return pledger


def test_what_is_listed_and_decided(desk: Callable[..., Ran]) -> None:
    """The screen says what to do; what was decided is gone."""
    document = desk("links", "--format", "json").json
    check("links", document)
    (row,), (shared,) = document["proposed"], document["contact_points"]
    assert (row["because"], row["name"], row["evidence"]) == ("second_person", MAILBOX, "C-7")
    assert row["other"] in shared["people"]
    shown = desk("links").out
    assert row["person"] in shown
    assert "pledger links confirm PERSON OTHER --evidence" in shown
    rejected = desk("links", "reject", *shared["people"], "--reason", "father and son", "--format", "json")
    check("links reject", rejected.json)
    assert rejected.json["decided"] == "rejected"
    ran = desk("links", "confirm", row["person"], row["name"], "--evidence", "passport")
    assert "are one person from now on" in ran.out
    left = desk("links", "--format", "json").json
    assert (left["proposed"], left["contact_points"]) == ([], [])
    again = desk("links", "confirm", row["person"], row["other"], "--evidence", "passport", "--format", "json")
    check("links confirm", again.json)
    assert again.json["fact"] is None
    assert "are one person already" in desk("links", "confirm", "customer:1", "customer:2", "--evidence", "x").out


def test_what_cannot_be_decided(desk: Callable[..., Ran]) -> None:
    """Nobody of this name, two who are one already, and no reason given."""
    for ran, code in (
        (desk("links", "confirm", "customer:9", "customer:1", "--evidence", "x"), "unknown_customer"),
        (desk("links", "reject", "customer:1", MAILBOX, "--reason", "x"), "link_not_decided"),
        (desk("links", "reject", "customer:1", "customer:2", "--reason", ""), "malformed_fact"),
    ):
        assert (ran.code, code in ran.err) == (1, True), ran.err
    assert desk("links", "reject", "customer:1", "customer:2").code == 2


def test_in_part(desk: Callable[..., Ran]) -> None:
    """The list says when there is more."""
    more = cloud_event("link", "third", 4, "customer:3", **{"with": MAILBOX, "verified": "merge"})
    assert desk("append", "-", stdin=lines(more)).code == 0
    assert "a greater --limit shows more" in desk("links", "--limit", "1").out
    assert desk("links", "--limit", "2", "--format", "json").json["is_all"]


def test_links_in_activity(desk: Callable[..., Ran]) -> None:
    """Links that were proposed, made and rejected, and contact points that answered, are counted by their type."""
    (row,) = desk("links", "--format", "json").json["proposed"]
    assert desk("links", "reject", row["person"], row["other"], "--reason", "x").code == 0
    answered = cloud_event("contact_confirmed", "f", 4, "customer:3", contact="ada@example.com", method="mail")
    assert desk("append", "-", stdin=lines(answered)).code == 0
    found = {one["activity"]: one["events"] for one in desk("activity", "--format", "json").json["activities"]}
    expected = {"LinkProposed": 1, "CustomersLinked": 2, "LinkRejected": 1, "ContactConfirmed": 1}
    assert {name: found.get(name) for name in expected} == expected
