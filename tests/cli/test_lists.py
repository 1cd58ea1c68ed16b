"""The commands that list: holdings, requests, suppressions, activity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.sample import COLLECTED, ORDERED, SHARED, opt_out
from tests.controls import cloud_event, lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

MAIL = "email_marketing"
CORRECTED = {"request": "q-2", "category": "user.contact.email", "value": "marked-new@example.org"}


def _fact(fact_id: str, word: str, data: dict[str, Any], time: str = "2016-05-02T00:00:00Z") -> dict[str, Any]:
    return cloud_event(word, fact_id, time, **data)


@pytest.fixture(autouse=True)
def _ledger(begun: None, pledger: Callable[..., Ran]) -> None:
    facts = (COLLECTED, ORDERED, SHARED, opt_out("o-1"), _fact("r-1", "access_request", {"request": "q-1"}))
    assert pledger("append", "-", stdin=lines(*facts)).code == 0


def _size(pledger: Callable[..., Ran]) -> int:
    size: int = pledger("status", "--format", "json").json["events"]
    return size


def test_holdings_of_a_customer(pledger: Callable[..., Ran]) -> None:
    """Which data, in which state, and what took its place; as of a time before that, what stood then."""
    assert pledger("append", "-", stdin=lines(_fact("k-1", "correction", CORRECTED))).code == 0
    document = pledger("holdings", "customer:1", "--format", "json").json
    told = [(one["category"], one["state"], one["fact"], one["superseded_by"]) for one in document["holdings"]]
    assert told == [
        ("user.contact.address", "current", "/shop c-2", None),
        ("user.contact.email", "superseded", "/shop c-1", "/shop k-1"),
        ("user.contact.email", "current", "/shop k-1", None),
        ("user.name", "current", "/shop c-2", None),
    ]
    before = pledger("holdings", "customer:1", "--as-of", "2016-05-01T00:00:00Z", "--format", "json").json
    assert {one["state"] for one in before["holdings"]} == {"current"}
    shown = pledger("holdings", "customer:1")
    assert "correction: /shop k-1" in shown.out
    assert "marked" not in shown.out


def test_holdings_of_everybody_are_counted(pledger: Callable[..., Ran]) -> None:
    """Without a customer, persons and collections by category."""
    counts = pledger("holdings", "--format", "json").json["categories"]
    assert counts["user.contact.email"] == {"persons": 1, "current": 1, "withheld": 0, "superseded": 0, "deleted": 0}
    assert "user.contact.address" in pledger("holdings").out


def test_an_erased_customer_is_said_to_be_erased(pledger: Callable[..., Ran]) -> None:
    """By the id, which outlives the names, the answer is the erasure; by a name there is no such customer."""
    person = pledger("holdings", "customer:1", "--format", "json").json["person"]
    assert pledger("append", "-", stdin=lines(_fact("x-1", "erasure", {"reason": "asked"}))).code == 0
    document = pledger("holdings", f"id:{person}", "--format", "json").json
    assert (document["erased_by"], document["holdings"]) == ("#8", [])
    for command in ("holdings", "subscriptions", "sharing"):
        assert "was erased on 2016-05-02 00:00 UTC" in pledger(command, f"id:{person}").out
        assert pledger(command, f"id:{person}", "--format", "json").json["erased_by"] == "#8"
    assert "unknown_customer" in pledger("holdings", "customer:1").err


def test_requests_by_deadline_and_state(pledger: Callable[..., Ran]) -> None:
    """A request of 2016 is overdue; asked anew with a long span it is open; as of a time it stood otherwise."""
    document = pledger("requests", "--format", "json").json
    (request,) = document["requests"]
    assert (request["request"], request["state"], request["deadline"]) == ("q-1", "overdue", "2016-06-01T00:00:00Z")
    assert document["counts"]["access"] == {"open": 0, "due": 0, "overdue": 1, "answered": 0, "unanswered": 0}
    then = pledger("requests", "--as-of", "2016-05-03T00:00:00Z", "--format", "json").json
    assert [one["state"] for one in then["requests"]] == ["open"]
    soon = datetime.now(UTC) - datetime(2016, 5, 2, tzinfo=UTC) + timedelta(days=3)
    if soon < timedelta(days=3650):  # The longest span that can be asked for.
        assert "due" in pledger("requests", "--answer-within-days", str(soon.days)).out
    assert pledger("requests", "--state", "due", "--format", "json").json["requests"] == []
    shown = pledger("requests", "--state", "overdue", "--state", "open").out
    assert "2016-06-01 00:00 UTC" in shown
    assert "not checked" in shown


def test_an_answered_request_is_listed_where_asked_for(pledger: Callable[..., Ran]) -> None:
    """The list of what waits does not have it, and --state answered does, with the answer."""
    report = _fact("r-2", "access_report_issued", {"request": "q-1"}, "2016-05-09T00:00:00Z")
    assert pledger("append", "-", stdin=lines(report)).code == 0
    assert pledger("requests", "--format", "json").json["requests"] == []
    (request,) = pledger("requests", "--state", "answered", "--format", "json").json["requests"]
    assert (request["answer"], request["answered_by"]) == ("report", "/shop r-2")


def test_suppressions_and_what_changed(pledger: Callable[..., Ran]) -> None:
    """The list names who is out; from its position, --since tells what came after, and nothing twice."""
    document = pledger("suppressions", "--format", "json").json
    (entry,) = document["entries"]
    assert (entry["owed"], entry["because_of"], entry["fact"]) == (MAIL, "portal", "/shop o-1")
    assert document["counts"] == {MAIL: 1, "physical_mailings": 0, "under_13": 0}
    position = str(document["position"])
    assert pledger("suppressions", "--since", position, "--format", "json").json["changes"] == []
    told_again = {**COLLECTED, "id": "c-8", "time": "2016-06-01T00:00:00Z"}
    assert pledger("append", "-", stdin=lines(told_again)).code == 0  # An old confirmation link lifts nothing.
    assert pledger("suppressions", "--since", position, "--format", "json").json["changes"] == []
    again = {**told_again, "id": "c-9", "data": {**COLLECTED["data"], "reference": "C-9"}}
    assert pledger("append", "-", stdin=lines(again)).code == 0
    page = pledger("suppressions", "--since", position, "--format", "json").json
    assert [(one["state"], one["owed"], one["fact"]) for one in page["changes"]] == [("lifted", MAIL, "/shop c-9")]
    assert (page["position"], page["is_all"]) == (_size(pledger), True)
    assert pledger("suppressions", "--format", "json").json["entries"] == []
    assert "lifted" in pledger("suppressions", "--since", position).out
    assert f"--since {position}" in pledger("suppressions", "--as-of", position).out


def test_suppressions_of_one_program_and_in_part(pledger: Callable[..., Ran]) -> None:
    """--program leaves the others out, and --limit says when there is more."""
    post = opt_out("o-2", "2016-05-01T00:00:00Z", "customer:2", program="physical_mailings")
    also = opt_out("o-3", "2016-05-01T00:00:00Z", "customer:3", program="physical_mailings")
    assert pledger("append", "-", stdin=lines(post, also)).code == 0
    ran = pledger("suppressions", "--program", "physical_mailings", "--limit", "1", "--format", "json").json
    assert ([one["owed"] for one in ran["entries"]], ran["is_all"]) == (["physical_mailings"], False)
    assert "more than 1 entries" in pledger("suppressions", "--limit", "1").out
    changes = pledger("suppressions", "--since", "0", "--program", MAIL, "--format", "json").json["changes"]
    assert {one["owed"] for one in changes} == {MAIL}
    assert "There may be more: pledger" in pledger("suppressions", "--since", "0", "--limit", "1").out


def _advised(ran: Ran) -> list[str]:
    """Return the arguments of the command by which a page says to go on."""
    return ran.out.splitlines()[-1].partition(": pledger ")[2].split()


def test_the_next_page_is_asked_for_with_all_that_this_one_was(pledger: Callable[..., Ran]) -> None:
    """The advice has each option; as of a position, the page after the last one is of what came later."""
    end = str(_size(pledger))
    assert _advised(
        pledger("suppressions", "--program", MAIL, "--limit", "7", "--as-of", "2016-05-02T00:00:00+00:00")
    ) == [*("suppressions", "--since", end, "--program", MAIL, "--limit", "7", "--as-of", "2016-05-02T00:00:00Z")]
    assert _advised(pledger("suppressions", "--as-of", end)) == ["suppressions", "--since", end]
    also = [opt_out(f"o-{number}", "2016-05-01T00:00:00Z", f"customer:{number}") for number in (2, 3)]
    assert pledger("append", "-", stdin=lines(*also)).code == 0
    more = pledger("suppressions", "--since", end, "--limit", "1", "--as-of", str(_size(pledger)))
    (position,) = (one["position"] for one in _since(pledger, end, "--limit", "1")["changes"])
    limits = ["--limit", "1", "--as-of", str(_size(pledger))]
    assert _advised(more) == ["suppressions", "--since", str(position), *limits]
    for _ in range(2):
        more = pledger(*_advised(more))
    assert _advised(more) == ["suppressions", "--since", str(_size(pledger)), "--limit", "1"]


def _since(pledger: Callable[..., Ran], position: str, *options: str) -> dict[str, Any]:
    document: dict[str, Any] = pledger("suppressions", "--since", position, *options, "--format", "json").json
    return document


def test_as_of_a_time_following_the_advice_leaves_nothing_out(pledger: Callable[..., Ran]) -> None:
    """What was recorded already, but happened after the time asked about, appears when asked as of later."""
    later = opt_out("o-2", "2016-07-01T00:00:00Z", "customer:2")
    late = opt_out("o-3", "2016-04-30T00:00:00Z", "customer:3")
    assert pledger("append", "-", stdin=lines(later)).code == 0
    first = pledger("suppressions", "--since", "0", "--as-of", "2016-06-01T00:00:00Z")
    assert "o-1" in first.out
    assert "o-2" not in first.out
    assert pledger("append", "-", stdin=lines(late)).code == 0
    second = pledger(*_advised(first))
    assert "o-3" in second.out
    assert "o-2" not in second.out
    anew = _since(pledger, "0", "--as-of", "2016-08-01T00:00:00Z")
    assert [one["fact"] for one in anew["changes"]] == ["/shop o-1", "/shop o-2", "/shop o-3"]


def test_a_page_is_empty_only_at_the_end(pledger: Callable[..., Ran]) -> None:
    """Events that changed nothing, or another program only, are passed over; a page has no more than was asked for."""
    start = str(_size(pledger))
    time, post = "2016-05-01T00:00:00Z", "physical_mailings"
    others = [opt_out(f"p-{number}", time, f"customer:{number}", program=post) for number in range(5)]
    wanted = [opt_out(f"m-{number}", time, f"customer:{number}") for number in range(2, 5)]
    assert pledger("append", "-", stdin=lines(*others, *wanted)).code == 0
    found, position = [], start
    for _ in range(3):
        page = _since(pledger, position, "--program", MAIL, "--limit", "1")
        (change,) = page["changes"]
        found.append(change["fact"])
        position = str(page["position"])
    assert found == ["/shop m-2", "/shop m-3", "/shop m-4"]
    page = _since(pledger, position, "--program", MAIL, "--limit", "1")
    assert (page["changes"], page["is_all"], page["position"]) == ([], True, _size(pledger))


def test_what_an_erasure_leaves_of_the_list(pledger: Callable[..., Ran]) -> None:
    """Keepers of a copy of the list learn that they must forget the id."""
    position = str(_size(pledger))
    assert pledger("append", "-", stdin=lines(_fact("x-1", "erasure", {"reason": "asked"}))).code == 0
    ran = pledger("suppressions", "--since", position, "--program", MAIL)
    assert "everything" in ran.out
    assert "erased" in ran.out


def test_activity_three_ways(pledger: Callable[..., Ran]) -> None:
    """By activity, by promise and by day, for people and for programs."""
    activities = pledger("activity", "--format", "json").json["activities"]
    order = {"activity": "DataCollected", "detail": "order", "events": 1, "first": "2016-04-02", "last": "2016-04-02"}
    assert order in activities
    promises = pledger("activity", "--by", "promise", "--format", "json").json["promises"]
    found = {one["promise"]: [each["activity"] for each in one["activities"]] for one in promises}
    assert found.pop("P03") == ["DataCollected", "DataCollected"]  # Nobody registered the collection point.
    assert next(iter(found.values())) == ["DataShared"]
    days = pledger("activity", "--by", "day", "--as-of", "2016-04-02T12:00:00Z", "--format", "json").json["days"]
    assert [(one["day"], one["events"]) for one in days] == [("2016-03-14", 1), ("2016-04-02", 3)]
    assert "DataShared deliver_order" in pledger("activity", "--by", "promise").out
    for by in ("activity", "promise", "day"):
        assert len(pledger("activity", "--by", by).out.splitlines()) > 2


COMMANDS = (
    *(("holdings",), ("holdings", "customer:1"), ("requests",), ("suppressions",), ("suppressions", "--since", "0")),
    *(("activity",), ("activity", "--by", "day"), ("subscriptions", "customer:1"), ("sharing", "customer:1")),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_answer_knows_at_least_a_position(pledger: Callable[..., Ran], command: tuple[str, ...]) -> None:
    """A position that the log has is waited for; one that it lacks ends the command in three sentences."""
    size = _size(pledger)
    assert pledger(*command, "--at-least", str(size)).code == 0
    ran = pledger(*command, "--at-least", str(size + 1))
    assert (ran.code, "not_yet_written" in ran.err) == (1, True)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_moment_that_cannot_be_is_reported(pledger: Callable[..., Ran], command: tuple[str, ...]) -> None:
    """The error is about --as-of; the first position, the last one and the last year can be asked about."""
    ran = pledger(*command, "--as-of", "yesterday")
    assert (ran.code, "bad_as_of" in ran.err) == (1, True)
    for moment in (str(_size(pledger)), "0", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
        assert pledger(*command, "--as-of", moment).code == 0, moment
