"""What the access report says as HTML, and that the JSON and the text say the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from adapters.contract import parse_fact
from adapters.demo.life import SHOWN, shop_life
from adapters.ledger import BATCH_MAX, stream_reader
from adapters.reports.entries import cited
from adapters.reports.html import as_html
from adapters.reports.text import as_text
from projections.access_report import access_report
from tests.controls import verified
from tests.reading import events_of
from tests.reports.page import Page, plain
from tests.reports.whole_customer import CONTACT, EMAIL, FIRST, PLACE, whole_customer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.events import Event
    from projections.access_report import AccessReport
    from tests.reports.conftest import Desk

MADE_AT = datetime(2016, 8, 3, 10, 12, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "whole_customer.txt"
WORDS_FOR_OTHERS = {"what"}
"""A finding's own words are put together from its event's; the page says them in its own."""


def page_of(desk: Desk, report: AccessReport) -> Page:
    """Return a report as a page."""
    return Page(as_html(report, policy=desk.installation.policy, made_at=MADE_AT))


def _leaves(said: Any, key: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(said, dict):
        for name, one in said.items():
            yield from _leaves(one, name)
    elif isinstance(said, list):
        for one in said:
            yield from _leaves(one, key)
    elif isinstance(said, str) and not (key in WORDS_FOR_OTHERS and " " in said):
        yield said


def _facts(said: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(said, dict):
        yield from (one for name, one in said.items() if name in {"fact", "answered_by"} and one)
    for one in said.values() if isinstance(said, dict) else said:
        if isinstance(one, dict | list):
            yield from _facts(one)


def says_all(page: Page, report: AccessReport) -> None:
    """Assert that every text and time of the JSON is on the page."""
    said = report.as_dict()
    times = set(page.values("datetime"))
    missing = [leaf for leaf in _leaves(said) if leaf not in times and plain(leaf) not in page.text]
    assert not missing
    codes = {unescape(code) for code in re.findall(r'<span class="code">(.*?)</span>', page.html)}
    assert set(_facts(said)) <= codes
    for count in ("events", "position"):
        assert str(said[count]) in page.text


def test_every_section_of_a_whole_customer_has_something_to_tell(desk: Desk) -> None:
    """The customer by which the rest is tested leaves no list of the report empty."""
    whole_customer(desk)
    said = desk.report(FIRST).as_dict()
    assert not [name for name, one in said.items() if one in ([], {})]
    assert "Nothing is on record" not in page_of(desk, desk.report(FIRST)).text


def test_the_words_of_a_whole_customer(desk: Desk) -> None:
    """The whole text of one customer's page, word by word, a line for each block."""
    whole_customer(desk)
    report, policy = desk.report(FIRST), desk.installation.policy
    lines = page_of(desk, report).lines
    _, other = map(str, report.streams)
    known = ((str(report.person), "(person)"), (other, "(other)"))
    for said, shown in (*known, (policy.digest, "(digest)"), (policy.sha256, "(sha256)")):
        lines = lines.replace(said, shown)
    assert lines == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("as_of", [None, 12, 20, datetime(2016, 4, 11, tzinfo=UTC), datetime(2016, 5, 5, tzinfo=UTC)])
def test_the_page_says_what_the_json_says(desk: Desk, as_of: int | datetime | None) -> None:
    """Every value, recipient, fact, promise, code and time of the JSON is on the page, as of any moment."""
    whole_customer(desk)
    report = desk.report(FIRST, as_of)
    assert report.events > 5
    says_all(page_of(desk, report), report)


def test_the_page_says_what_the_text_says(desk: Desk) -> None:
    """Values, recipients, references and promises that the text names are on the page, and no other promise is."""
    whole_customer(desk)
    report = desk.report(FIRST)
    page, text = page_of(desk, report).text, plain(as_text(report))
    for value in report.data:
        assert value.value is None or (plain(value.value) in page and plain(value.value) in text)
    for share in report.sharing:
        assert share.recipient in page
        assert share.recipient in text
    for promise in desk.installation.policy.promises:
        assert (promise.statement in page) == (promise.statement in text) == (f" {promise.id} " in text)


def test_as_of_stands_at_the_top(desk: Desk) -> None:
    """A position says what was known, a time what had happened; what came later is on neither page."""
    whole_customer(desk)
    now = page_of(desk, desk.report(FIRST))
    assert "everything on record" in now.text
    assert "2 Marker Street" in now.text
    then = page_of(desk, desk.report(FIRST, datetime(2016, 4, 16, tzinfo=UTC)))
    assert "what had happened by 16 Apr 2016, 00:00 UTC" in then.text
    assert "2016-04-16T00:00:00Z" in then.values("datetime")
    known = page_of(desk, desk.report(FIRST, 12))
    assert "what was known at position 12 of the log" in known.text
    for page in (then, known):
        assert "2 Marker Street" not in page.text
        assert "mail-2" not in page.text


def test_what_a_value_is_now(desk: Desk) -> None:
    """Each value is current, or says what superseded it; one that is not here says where it is."""
    whole_customer(desk)
    held = page_of(desk, desk.report(FIRST)).section("held").text
    assert "Superseded on 5 May 2016 by a correction that you asked for (entry 20)" in held
    assert "2 Marker Street From you, by a correction" in held
    assert "Not in this ledger: held in the payment processor" in held
    assert "From the buyer of a gift, by a gift sent to you, G-1, at checkout" in held


def test_a_broken_promise_is_said_plainly(desk: Desk) -> None:
    """Its number stands at the top; its section gives its words, what happened, and what is wrong with that."""
    whole_customer(desk)
    report = desk.report(FIRST)
    broken = {found.promise for found in report.findings if not found.excused}
    page = page_of(desk, report)
    assert f"The company broke {len(broken)} promises to you" in page.text
    told = page.section("promises").text
    assert "Every marketing e-mail offers to unsubscribe, and none follows once somebody has." in told
    assert "Message by e-mail: for direct marketing It had no link to unsubscribe Broken Declared wrong" in told
    assert "court" in told
    assert "A legal order stands behind it" in told
    assert "Excused by law" in told


def test_nothing_broken_is_said_too(desk: Desk) -> None:
    """A record without a breach says so, and how far that goes."""
    desk.tell("collection", "a", "2016-04-02T00:00:00Z", act="order", reference="1", values=CONTACT, **PLACE)
    page = page_of(desk, desk.report("a"))
    assert "Nothing on record breaks a promise" in page.text
    assert "A ledger cannot know what nobody told it." in page.section("promises").text


def test_the_law_is_answered_and_what_is_not_known_is_said(desk: Desk) -> None:
    """Items (a) to (h) of Art. 15 each have an answer; the ledger says of four that it does not know."""
    whole_customer(desk)
    law = page_of(desk, desk.report(FIRST)).section("law").text
    for letter in "abcdefgh":
        assert f"({letter}) " in law
    assert "The ledger does not know: it records no period" in law
    assert law.lower().count("does not know") >= 4
    assert "parcels" in law
    assert "the payment processor" in law


def test_an_entry_that_was_wrong_is_marked_wherever_it_stands(desk: Desk) -> None:
    """Each section that tells of an entry says that it was declared wrong, and where."""
    desk.tell("collection", "a", "2016-04-02T00:00:00Z", act="order", reference="1", values=CONTACT, **PLACE)
    given: dict[str, Any] = {"purpose": "deliver_order", "categories": ["user.name"], "reference": "1"}
    desk.tell("use", "b", "2016-04-03T00:00:00Z", **given)
    desk.tell("share", "c", "2016-04-04T00:00:00Z", recipient="parcels", **given)
    desk.tell("opt_out", "d", "2016-04-05T00:00:00Z", program="email_marketing", via="portal")
    desk.tell("order_completed", "e", "2016-04-06T00:00:00Z", reference="1")
    asked = {"request": "C", "category": "user.name"}
    desk.tell("correction", "f", "2016-04-07T00:00:00Z", value="Ada", **asked)
    for number, fact_id in enumerate("abcdef"):
        entry = {"source": "/shop", "id": fact_id}
        desk.tell("entry_correction", f"w-{number}", f"2016-05-0{number + 1}T00:00:00Z", entry=entry, reason="a slip")
    page = page_of(desk, desk.report("a"))
    marked = {"collected": 7, "used": 8, "shared": 9, "subscriptions": 10, "notes": 11, "corrections": 12}
    for name, number in marked.items():
        assert f"Declared wrong by entry {number}" in page.section(name).text, name
    assert page.section("entries").text.count("Declared wrong by entry") == 6
    assert "on 1 May 2016 by a correction of the entry, which was wrong (entry 7)" in page.section("held").text


def test_enrollments_that_broke_a_promise_or_were_refused(desk: Desk) -> None:
    """A subscription's change names the promises that it broke; a refusal names its program and promises by title."""
    contest: dict[str, Any] = {"act": "contest_entry", "reference": "C", "values": {EMAIL: "ada@marker.test"}}
    desk.tell("collection", "a", "2016-04-02T00:00:00Z", **contest, **PLACE)
    desk.tell("opt_out", "b", "2016-04-03T00:00:00Z", program="email_marketing", via="portal")
    again: dict[str, Any] = {"program": "email_marketing", "cause": "contest_entry", "reference": "C"}
    desk.tell("enrollment", "c", "2016-04-04T00:00:00Z", **again)
    desk.tell("enrollment", "d", "2016-04-05T00:00:00Z", mode="enforce", program="physical_mailings", cause="staff")
    page = page_of(desk, desk.report("a"))
    changes = page.section("subscriptions").text
    assert "4 Apr 2016, 00:00 (entry 3) Enrolled A contest entry, C (relying on entry 1) Breaks P18" in changes
    assert "An enrollment in physical mailings" in page.section("refused").text
    assert "P11: No catalog and no updates without a stated way in" in page.section("refused").text
    assert "You were enrolled again after you had left" in page.section("promises").text


def test_a_childs_values_are_said_to_be_withheld(desk: Desk) -> None:
    """The page says of a known child's values that they were not kept, and of a copy that they are not in it."""
    desk.tell("age_learned", "age", "2016-04-01T00:00:00Z", under=13)
    desk.tell("collection", "own", "2016-04-02T00:00:00Z", act="contest_entry", reference="C", values=CONTACT, **PLACE)
    page = page_of(desk, desk.report("own"))
    assert page.section("held").text.count("Withheld: the company knew you to be a child") == 3
    assert "Values that were withheld or deleted, or are sealed, are not in it" in page.section("law").text
    assert "under the age of 13" in page.section("notes").text


def test_a_promise_of_another_policy_is_named_without_its_words(desk: Desk) -> None:
    """The breach of a promise that the policy no longer has is listed all the same."""
    whole_customer(desk)
    events = events_of(desk.installation, desk.stream(FIRST))
    policy = desk.installation.policy
    other = policy.model_copy(update={"promises": policy.promises[:1]})
    report = access_report(cast("list[Event]", list(events)), person=desk.stream(FIRST), policy=other)
    page = Page(as_html(report, policy=other, made_at=MADE_AT))
    assert "The policy of this report has no such promise" in page.section("promises").text
    assert "The company broke 4 promises to you" in page.text


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ("a", [(1, 1, "")]),
        ("abc", [(1, 3, "")]),
        ("cab", [(1, 3, "")]),
        ("acdd", [(1, 1, ""), (3, 4, "")]),
        ("xax", [(1, 1, ""), (0, 0, "x")]),
        ("", []),
    ],
)
def test_entries_are_cited_in_runs(facts: str, shown: list[tuple[int, int, str]]) -> None:
    """Neighbours make one run, each entry is cited once, and a fact without a number by its name."""
    assert cited(facts, {"a": 1, "b": 2, "c": 3, "d": 4}) == shown


def test_nothing_on_record(desk: Desk) -> None:
    """A report on no events says so in every section, and is a page like any other."""
    nobody = desk.installation.identity.company_stream
    report = access_report([], person=nobody, policy=desk.installation.policy)
    page = page_of(desk, report)
    assert page.text.count("Nothing is on record.") == 11
    assert "Nothing is on record about you." in page.text
    says_all(page, report)


def test_many_entries_are_told_in_groups(desk: Desk) -> None:
    """Of 240 facts each stands once in the list of entries, by number, and the sections before it stay short."""
    for number in range(60):
        time, reference = f"2016-04-02T{number // 60:02}:{number % 60:02}:00Z", f"O-{number}"
        desk.tell("collection", f"o{number}", time, act="order", reference=reference, values=CONTACT, **PLACE)
        of_order: dict[str, Any] = {"categories": ["user.name"], "reference": reference}
        desk.tell("share", f"s{number}", time, recipient="parcels", purpose="deliver_order", **of_order)
        desk.tell("use", f"u{number}", time, purpose="complete_order", **of_order)
        mail: dict[str, Any] = {"channel": "email", "purpose": "confirm_delivery", "unsubscribe_link": True}
        desk.tell("message", f"m{number}", time, message_id=f"id-{number}", **mail)
    report = desk.report("o0")
    page = page_of(desk, report)
    says_all(page, report)
    for name in ("collected", "used", "shared", "messages"):
        assert len(page.section(name).all("tr")) == 2, name
    assert "60 times" in page.section("shared").text
    assert "for O-0, O-1, O-2 and 57 more" in page.section("shared").text
    assert len(page.section("entries").all("tr")) == 1 + 240


def test_one_page_of_two_linked_streams(desk: Desk) -> None:
    """Both records are named, and what each holds is listed once."""
    desk.tell("collection", "a", "2016-04-02T00:00:00Z", act="order", reference="1", values=CONTACT, **PLACE)
    by_mail = "email:other@marker.test"
    contest: dict[str, Any] = {"act": "contest_entry", "reference": "C", "values": {EMAIL: "other@marker.test"}}
    desk.tell("collection", "b", "2016-04-01T00:00:00Z", by_mail, **contest, **PLACE)
    desk.tell("objection", "join", "2016-04-03T00:00:00Z", purpose="deliver_ads", also=[verified(by_mail)])
    report = desk.report("a")
    page = page_of(desk, report)
    assert "This report joins 2 records" in page.text
    says_all(page, report)


def test_an_erased_person_gets_what_is_left(desk: Desk) -> None:
    """The page says that the key is gone, and shows codes where the values were."""
    whole_customer(desk)
    stream = desk.stream(FIRST)
    desk.tell("erasure", "erase-1", "2016-06-01T00:00:00Z", reason="asked")
    with desk.installation.connect() as connection:
        events = stream_reader.opened_events(connection, desk.installation.keyring, [stream])
    report = access_report(events, person=stream, policy=desk.installation.policy, asked_by=[f"id:{stream}"])
    page = page_of(desk, report)
    assert "You were forgotten on 1 Jun 2016" in page.text
    assert "Sealed away: the key was destroyed" in page.section("held").text
    assert "Ada" not in page.text
    says_all(page, report)


def test_the_customer_whom_the_demo_shows(desk: Desk) -> None:
    """The record that the demo shows makes a page that says all of it."""
    facts = [fact for fact in shop_life() if "subject" not in fact or SHOWN in str(fact)]
    parsed = [parse_fact(fact) for fact in facts]
    for start in range(0, len(parsed), BATCH_MAX):
        desk.installation.ledger.append_many(parsed[start : start + BATCH_MAX])
    with desk.installation.connect() as connection:
        streams = stream_reader.find(connection, desk.installation.keyring, desk.installation.contract.name(SHOWN))
        events = stream_reader.opened_events(connection, desk.installation.keyring, streams)
    report = access_report(events, person=streams[0], policy=desk.installation.policy, asked_by=[SHOWN])
    assert report.events > 20
    says_all(page_of(desk, report), report)
