"""What an access report says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from adapters.reports.html import as_html
from adapters.reports.text import as_text
from domain.events.company import PurposeRegistered
from projections.access_report import AccessReport, access_report
from tests.controls import fact, verified

if TYPE_CHECKING:
    from tests.reports.conftest import Desk

GOLDEN = Path(__file__).parent / "small_customer.txt"
CONTACT = {
    "user.name": "Ada Marker",
    "user.contact.address": "1 Marker Street",
    "user.contact.email": "ada@marker.test",
}
PLACE: dict[str, Any] = {"collection_point": "checkout", "notice": "2016-03-14"}
EMAIL = "user.contact.email"


def _small_customer(desk: Desk) -> AccessReport:
    payment = {"user.payment": None}
    order: dict[str, Any] = {"act": "order", "reference": "O-1", "held_in": "the payment processor", **PLACE}
    desk.tell("collection", "order-1", "2016-04-02T10:15:00Z", values=CONTACT | payment, **order)
    desk.tell(
        "use", "use-1", "2016-04-02T10:20:00Z", purpose="complete_order", categories=["user.name"], reference="O-1"
    )
    delivery: dict[str, Any] = {"purpose": "deliver_order", "categories": ["user.name", "user.contact.address"]}
    desk.tell("share", "share-1", "2016-04-03T08:00:00Z", recipient="parcels", reference="O-1", **delivery)
    desk.tell("opt_out", "out-1", "2016-04-20T09:00:00Z", program="email_marketing", via="unsubscribe_link")
    advert: dict[str, Any] = {"channel": "email", "purpose": "direct_marketing", "message_id": "m-1"}
    desk.tell("message", "mail-1", "2016-05-01T09:00:00Z", unsubscribe_link=True, program="email_marketing", **advert)
    selling: dict[str, Any] = {"purpose": "deliver_ads", "categories": [EMAIL], "kind": "sale", "mode": "enforce"}
    desk.tell("share", "sell-1", "2016-05-02T09:00:00Z", recipient="adverts", **selling)
    desk.tell("access_request", "ask-1", "2016-05-03T09:00:00Z", request="A-1")
    asked: dict[str, Any] = {"request": "C-1", "category": "user.contact.address"}
    desk.tell("correction_request", "ask-2", "2016-05-04T09:00:00Z", shows_error=True, **asked)
    desk.tell("identity_verification", "id-2", "2016-05-04T10:00:00Z", request="C-1", method="log-in", passed=True)
    desk.tell("correction", "right-2", "2016-05-05T09:00:00Z", value="2 Marker Street", **asked)
    desk.tell("recipient_notified", "told-2", "2016-05-05T10:00:00Z", request="C-1", recipient="parcels")
    desk.tell("order_completed", "done-1", "2016-04-06T12:00:00Z", reference="O-1")
    return desk.report("order-1")


def test_the_text_of_a_small_customer(desk: Desk) -> None:
    """The whole text of one customer's report, word by word."""
    report = _small_customer(desk)
    assert as_text(report).replace(str(report.person), "(person)") == GOLDEN.read_text(encoding="utf-8")


def test_a_breach_that_something_later_shows(desk: Desk) -> None:
    """An account shows that an earlier share was a breach: the report names the share, and what shows it."""
    group: dict[str, Any] = {"recipient": "search", "roles": ["analytics"], "categories": [EMAIL], "group": "google"}
    desk.installation.ledger.append(fact("recipient_registered", 0, group, fact_id="group"))
    values = {EMAIL: "ada@marker.test"}
    desk.tell(
        "collection", "entry-1", "2016-04-02T00:00:00Z", act="contest_entry", reference="E-1", values=values, **PLACE
    )
    shared: dict[str, Any] = {"recipient": "search", "purpose": "measure_activity", "categories": [EMAIL]}
    desk.tell("share", "share-1", "2016-04-03T00:00:00Z", **shared)
    desk.tell("collection", "account-1", "2016-04-05T00:00:00Z", act="account", reference="A-1", values=values, **PLACE)
    found = [one for one in desk.report("entry-1").findings if one.promise == "P33"]
    assert [(one.fact, one.at.day, one.what, one.relies_on) for one in found] == [
        ("/shop share-1", 3, "sharing with search for measure_activity", ("/shop account-1",)),
    ]


def test_the_shape_of_the_json(desk: Desk) -> None:
    """The JSON has the documented keys and types only, and says the same as the text."""
    report = _small_customer(desk)
    said = report.as_dict()
    assert json.loads(json.dumps(said)) == said
    assert list(said) == [
        *("report", "version", "person", "streams", "asked_by", "as_of", "events", "position", "policy", "summary"),
        *("data", "collections", "uses", "sharing", "subscriptions", "messages", "requests", "corrections"),
        *("refusals", "findings", "links", "notes", "rights"),
    ]
    assert said["as_of"] == {"position": None, "time": None}
    assert said["summary"] == {
        "categories": ["user.contact.address", EMAIL, "user.name", "user.payment"],
        "purposes": ["complete_order", "deliver_order", "direct_marketing"],
        "recipients": ["parcels"],
        "sources": ["you"],
    }
    assert said["collections"][0] == {
        "fact": "/shop order-1",
        "at": "2016-04-02T10:15:00Z",
        "act": "order",
        "reference": "O-1",
        "collection_point": "checkout",
        "notice": "2016-03-14",
        "online": True,
        "source": "you",
        "held_in": "the payment processor",
        "withheld": False,
        "categories": ["user.contact.address", EMAIL, "user.name", "user.payment"],
        "requests": [],
        "entry_corrected_by": None,
    }
    assert said["uses"][0]["dpv"] == "dpv:ServiceProvision"
    assert said["subscriptions"]["now"]["email_marketing"]["state"] == "opted_out"
    assert [change["cause"] for change in said["subscriptions"]["changes"]] == ["purchase", None]
    assert "P18" in [finding["promise"] for finding in said["findings"]]
    assert all(finding["statement"] for finding in said["findings"])
    assert [(request["request"], request["state"]) for request in said["requests"]] == [
        ("A-1", "open"),
        ("C-1", "answered"),
    ]
    assert said["refusals"][0]["because"]
    assert [note["what"] for note in said["notes"]] == ["order_completed", "identity_verified", "recipient_notified"]


def test_a_correction_supersedes_and_a_category_held_elsewhere_says_where(desk: Desk) -> None:
    """The old address stays listed as superseded by the correction; the payment data names the system that has it."""
    data = _small_customer(desk).data
    address = [value for value in data if value.category == "user.contact.address"]
    assert [(value.value, value.current) for value in address] == [
        ("1 Marker Street", False),
        ("2 Marker Street", True),
    ]
    assert address[0].superseded is not None
    assert (address[0].superseded.how, address[0].superseded.fact) == ("correction", "/shop right-2")
    (payment,) = (value for value in data if value.category == "user.payment")
    assert (payment.state, payment.value, payment.held_in) == ("held_elsewhere", None, "the payment processor")


def test_a_later_collection_supersedes_and_the_same_value_again_does_not(desk: Desk) -> None:
    """Three orders with two addresses make two values; the report by world time, though the facts came in otherwise."""
    for fact_id, time, email in (
        ("third", "2016-04-03T00:00:00Z", "new@marker.test"),
        ("first", "2016-04-01T00:00:00Z", "old@marker.test"),
        ("second", "2016-04-02T00:00:00Z", "old@marker.test"),
    ):
        desk.tell("collection", fact_id, time, act="order", reference=fact_id, values={EMAIL: email}, **PLACE)
    old, new = desk.report("first").data
    assert (old.value, old.current, old.collected) == ("old@marker.test", False, ("/shop first", "/shop second"))
    assert old.superseded is not None
    assert (old.superseded.how, old.superseded.fact) == ("collection", "/shop third")
    assert (new.value, new.current) == ("new@marker.test", True)


def test_a_gift_says_its_source_and_never_the_buyer(desk: Desk) -> None:
    """The recipient sees that a buyer told, beside what they told themself, and not who the buyer is."""
    gift: dict[str, Any] = {"act": "gift", "reference": "G-1", "source": "email:buyer@marker.test", **PLACE}
    desk.tell("collection", "own", "2016-04-01T00:00:00Z", act="contest_entry", reference="C", values=CONTACT, **PLACE)
    desk.tell("collection", "gift", "2016-04-02T00:00:00Z", values={"user.name": "A. Marker"}, **gift)
    report = desk.report("gift")
    names = [(value.value, value.source, value.current) for value in report.data if value.category == "user.name"]
    assert names == [("Ada Marker", "you", True), ("A. Marker", "the buyer of a gift", True)]
    assert "buyer@marker.test" not in as_text(report) + json.dumps(report.as_dict())


def test_a_known_childs_values_are_withheld(desk: Desk) -> None:
    """A known child's values are listed as withheld."""
    desk.tell("age_learned", "age", "2016-04-01T00:00:00Z", under=13)
    desk.tell("collection", "own", "2016-04-02T00:00:00Z", act="contest_entry", reference="C", values=CONTACT, **PLACE)
    assert {(value.state, value.value) for value in desk.report("own").data} == {("withheld", None)}


def test_an_entry_that_was_wrong_stays_listed_and_is_not_current(desk: Desk) -> None:
    """A corrected entry is marked with the fact that corrected it, and its value gives way to the one before."""
    desk.tell("collection", "right", "2016-04-01T00:00:00Z", act="order", reference="1", values=CONTACT, **PLACE)
    wrong = {EMAIL: "somebody@else.test"}
    desk.tell("collection", "wrong", "2016-04-02T00:00:00Z", act="order", reference="2", values=wrong, **PLACE)
    entry = {"source": "/shop", "id": "wrong"}
    desk.tell("entry_correction", "hint", "2016-04-03T00:00:00Z", entry=entry, reason="typed into the wrong record")
    report = desk.report("right")
    emails = {value.value: value for value in report.data if value.category == EMAIL}
    assert emails["ada@marker.test"].current
    superseded = emails["somebody@else.test"].superseded
    assert superseded is not None
    assert superseded.how == "entry_correction"
    assert [collection.entry_corrected_by for collection in report.collections] == [None, "/shop hint"]


def test_one_report_of_two_linked_streams(desk: Desk) -> None:
    """After a link the report is on both records, merged by world time; asked as of before, on one."""
    desk.tell("collection", "a", "2016-04-02T00:00:00Z", act="order", reference="1", values=CONTACT, **PLACE)
    by_mail = "email:other@marker.test"
    values = {EMAIL: "other@marker.test"}
    contest: dict[str, Any] = {"act": "contest_entry", "reference": "C", "values": values, **PLACE}
    second = desk.tell("collection", "b", "2016-04-01T00:00:00Z", by_mail, **contest)
    desk.tell("objection", "join", "2016-04-03T00:00:00Z", purpose="deliver_ads", also=[verified(by_mail)])
    report = desk.report("a")
    assert report.streams == tuple(sorted((desk.stream("a"), desk.stream("b")), key=str))
    assert [collection.fact for collection in report.collections] == ["/shop b", "/shop a"]
    emails = [(value.value, value.current) for value in report.data if value.category == EMAIL]
    assert emails == [("other@marker.test", False), ("ada@marker.test", True)]
    assert "Joined from 2 records" in as_text(report)
    (link,) = report.as_dict()["links"]
    assert link == {
        "fact": "/shop join",
        "at": "2016-04-03T00:00:00Z",
        "streams": list(map(str, report.streams)),
        "method": "login",
        "evidence": None,
        "vouched_by": "/shop",
        "entry_corrected_by": None,
        "until": None,
        "undone_by": None,
        "by_erasure": False,
        "undone_method": None,
    }
    assert "verified by login, vouched for by /shop" in " ".join(as_text(report).split())
    before = desk.report("a", second.position)
    assert [collection.fact for collection in before.collections] == ["/shop a"]
    assert before.links == ()


def test_a_link_that_nobody_vouched_for_shows_nothing_of_the_other(desk: Desk) -> None:
    """Neither report holds a value of the other, the address that both gave and the proposed name among them."""
    mine = CONTACT | {"user.name": "Ida Other"}
    desk.tell("collection", "a", "2016-04-02T00:00:00Z", act="order", reference="1", values=CONTACT, **PLACE)
    second = {"act": "order", "reference": "2", "values": mine, **PLACE}
    desk.tell("collection", "b", "2016-04-02T00:00:00Z", "customer:qzx7", **second)
    link = fact(
        "link", 5, {"with": "customer:qzx7", "verified": "document", "evidence": "Ida said so"}, fact_id="claim"
    )
    desk.installation.ledger.append(link, vouches=False)
    report = desk.report("a")
    assert (len(report.streams), report.links) == (1, ())
    (note,) = (one for one in report.notes if one.what == "link_proposed")
    assert note.detail == {"because": "not_vouched", "method": "document"}
    for hidden in ("Ida", "qzx7"):
        assert hidden not in json.dumps({**report.as_dict(), "person": "", "streams": []})
    assert "link_proposed" not in json.dumps(desk.report("b").as_dict())


def test_several_links_of_one_fact(desk: Desk) -> None:
    """Each is listed once, however many records it joins, with who vouched, how and on what evidence."""
    desk.tell("collection", "a", "2016-04-02T00:00:00Z", act="order", reference="1", values=CONTACT, **PLACE)
    form = {"name": "guest:F-1", "verified": "document", "evidence": "passport"}
    also = [verified("order:O-1"), form]
    told = fact("record_read", 9, {"reader": "x", "purpose": "answer_message", "also": also}, fact_id="join")
    desk.installation.ledger.append(told, actor="login desk")
    found = desk.report("a").links
    assert [(one.method, one.evidence, one.vouched_by) for one in found] == [
        ("login", None, "login desk"),
        ("document", "passport", "login desk"),
    ]
    assert [len(one.streams) for one in found] == [2, 3]


def test_as_of_a_time_leaves_out_what_came_later(desk: Desk) -> None:
    """A report as of a time shows the subscription and the data as they were."""
    _small_customer(desk)
    report = desk.report("order-1", datetime(2016, 4, 10, tzinfo=UTC))
    assert report.subscriptions["email_marketing"].state == "enrolled"
    assert "P18" not in {finding.promise for finding in report.findings}
    assert all(value.current for value in report.data)
    assert "what had happened by 2016-04-10 00:00 UTC" in as_text(report)


def test_a_denied_and_a_declined_request_give_their_reasons(desk: Desk) -> None:
    """Each request stands as what ended it, with the reason that was given."""
    desk.tell("access_request", "ask-1", "2016-05-01T00:00:00Z", request="A-1")
    desk.tell("identity_verification", "id-1", "2016-05-02T00:00:00Z", request="A-1", method="post", passed=False)
    desk.tell("request_denied", "no-1", "2016-05-03T00:00:00Z", request="A-1", reason="identity not shown")
    asked: dict[str, Any] = {"category": "user.name", "shows_error": False}
    desk.tell("correction_request", "ask-2", "2016-05-04T00:00:00Z", request="C-1", **asked)
    desk.tell("correction_declined", "no-2", "2016-05-05T00:00:00Z", request="C-1", reason="no error shown")
    denied, declined = desk.report("ask-1").requests
    assert (denied.kind, denied.state, denied.reason, denied.identity) == (
        "access",
        "denied",
        "identity not shown",
        "not_verified",
    )
    assert (declined.kind, declined.state, declined.reason) == ("correction", "declined", "no error shown")
    assert (declined.gdpr, declined.dpv) == ("Art. 16", "dpv:RequestRejected")


def test_a_customer_of_fifty_orders_is_still_readable(desk: Desk) -> None:
    """Repetitions are listed once, with how often and when, in few lines of at most 100 columns."""
    for number in range(50):
        time, reference = f"2016-04-02T{number // 60:02}:{number % 60:02}:00Z", f"O-{number}"
        desk.tell("collection", f"o{number}", time, act="order", reference=reference, values=CONTACT, **PLACE)
        delivery: dict[str, Any] = {"purpose": "deliver_order", "categories": ["user.name"], "reference": reference}
        desk.tell("share", f"s{number}", time, recipient="parcels", **delivery)
    text = as_text(desk.report("o0"))
    assert "50 times, 2016-04-02 00:00 UTC to 2016-04-02 00:49 UTC, for O-0, O-1, O-2 and 47 more" in " ".join(
        text.split()
    )
    assert len(text.splitlines()) < 70
    assert max(map(len, text.splitlines())) <= 100


def test_what_was_typed_in_cannot_act_on_a_terminal(desk: Desk) -> None:
    """Control characters and overrides of direction in a value are shown as blanks; the JSON keeps the value."""
    values = {"user.name": "Ada\x1b[2J\nMarker\u202e"}
    desk.tell("collection", "own", "2016-04-02T00:00:00Z", act="order", reference="1", values=values, **PLACE)
    report = desk.report("own")
    assert not {"\x1b", "\u202e"} & set(as_text(report))
    assert "Ada [2J Marker" in as_text(report)
    assert report.data[0].value == values["user.name"]


def test_a_person_of_whom_nothing_is_known_gets_an_empty_report(desk: Desk) -> None:
    """A report on no events says so in every section."""
    report = access_report([], person=desk.installation.identity.company_stream, policy=desk.installation.policy)
    assert as_text(report).count("Nothing is on record.") == 11
    assert report.as_dict()["events"] == 0


def test_an_event_that_is_not_about_a_person_raises(desk: Desk) -> None:
    """The report of a person takes in no event of the company."""
    stray = PurposeRegistered(
        originator_id=desk.installation.identity.company_stream,
        originator_version=1,
        occurred_at=datetime(2016, 4, 1, tzinfo=UTC),
        actor="/shop",
        source="/shop",
        fact_id="1",
        policy="2016-03-14",
        purpose="astrology",
        unrelated=True,
    )
    with pytest.raises(TypeError, match="PurposeRegistered"):
        access_report([stray], person=stray.originator_id, policy=desk.installation.policy)


def test_what_an_erasure_leaves_of_values(desk: Desk) -> None:
    """Nothing opens any more, not even which other system held a value; a corrected value is sealed too."""
    collected = {"act": "order", "reference": "O-1", "collection_point": "web", "notice": "2016-03-14"}
    values = {"user.name": "Ada", "user.payment": None}
    desk.tell("collection", "o", "2016-04-02T00:00:00Z", values=values, held_in="vault", **collected)
    desk.tell("correction", "c", "2016-04-03T00:00:00Z", request="R", category="user.name", value="Ada B")
    desk.tell("erasure", "e", "2016-04-04T00:00:00Z", reason="asked")
    report = desk.report("o")
    states = {(one.category, one.state, one.held_in, one.current) for one in report.data}
    assert states == {
        ("user.name", "sealed", None, False),
        ("user.name", "sealed", None, True),
        ("user.payment", "sealed", None, True),
    }
    assert [one.state for one in report.corrections] == ["sealed"]
    assert "vault" not in as_text(report)
    assert "held in another system" not in as_text(report)


def test_the_place_of_a_deleted_value_says_so(desk: Desk) -> None:
    """It says when, by which fact and why, and no value is current there; what another system deleted likewise."""
    order: dict[str, Any] = {"act": "order", "held_in": "the payment processor", **PLACE}
    values = CONTACT | {"user.payment": None}
    desk.tell("collection", "order-1", "2016-04-02T10:15:00Z", reference="O-1", values=values, **order)
    moved = values | {"user.contact.address": "2 Marker Street"}
    desk.tell("collection", "order-2", "2016-04-03T10:15:00Z", reference="O-2", values=moved, **order)
    cited = {"relying_on": {"act": "order", "reference": "O-2"}, "reason": "kept by mistake"}
    desk.tell("data_deleted", "del-1", "2016-05-01T00:00:00Z", categories=["user.contact.address"], **cited)
    desk.tell("data_anonymised", "del-2", "2016-05-02T00:00:00Z", categories=["user.name"], reason="for the counts")
    there = {"categories": ["user.payment"], "reason": "paid", "held_in": "the payment processor"}
    desk.tell("data_deleted", "del-3", "2016-05-03T00:00:00Z", **there)
    report = desk.report("order-1")
    found = {
        (one.category, one.state, one.value, one.current, one.deleted and (one.deleted.fact, one.deleted.reason))
        for one in report.data
    }
    assert found == {
        ("user.contact.address", "held", "1 Marker Street", False, None),
        ("user.contact.address", "deleted", None, False, ("/shop del-1", "kept by mistake")),
        ("user.contact.email", "held", "ada@marker.test", True, None),
        ("user.name", "anonymised", None, False, ("/shop del-2", "for the counts")),
        ("user.payment", "deleted", None, False, ("/shop del-3", "paid")),
    }
    said = report.as_dict()
    assert said["summary"]["categories"] == ["user.contact.email"]
    assert [one["deleted"]["at"] for one in said["data"] if one["category"] == "user.name"] == ["2016-05-02T00:00:00Z"]
    text = " ".join(as_text(report).split())
    assert "deleted on 2016-05-01 00:00 UTC (/shop del-1), because: kept by mistake" in text
    assert "deleted in the payment processor on 2016-05-03 00:00 UTC (/shop del-3), because: paid" in text
    assert "2 Marker Street" not in text + json.dumps(said)
    page = as_html(report, policy=desk.installation.policy, made_at=datetime(2016, 6, 1, tzinfo=UTC))
    assert "Ada Marker" not in page
    assert "Data of yours was made anonymous" in page
    assert "<em>Deleted</em>" in page
    notes = {one.what: one.detail for one in report.notes}
    assert notes["data_anonymised"]["gone"] == "2 of user.name"
    # As of before, the key is gone all the same; what the other system had is as it was.
    early = desk.report("order-1", datetime(2016, 4, 10, tzinfo=UTC)).data
    assert {one.state for one in early if one.category == "user.name"} == {"anonymised"}
    assert {one.state for one in early if one.category == "user.payment"} == {"held_elsewhere"}


def test_a_deletion_that_waited_says_why(desk: Desk) -> None:
    """A value that came after the deletion that waited for it has that one's fact, time and reason in its place."""
    cited = {"relying_on": {"act": "order", "reference": "O-1"}}
    desk.tell("data_deleted", "del-1", "2016-05-01T00:00:00Z", categories=["user"], reason="too old", **cited)
    order: dict[str, Any] = {"act": "order", "reference": "O-1", "values": CONTACT, **PLACE}
    desk.tell("collection", "order-1", "2016-04-02T10:15:00Z", **order)
    for one in desk.report("order-1").data:
        assert one.state == "deleted"
        assert one.deleted is not None
        assert (one.deleted.fact, one.deleted.reason, one.deleted.at.month) == ("/shop del-1", "too old", 5)


def test_a_correction_that_was_deleted(desk: Desk) -> None:
    """A corrected value that was deleted is neither shown nor current, nor said to be in another system."""
    asked: dict[str, Any] = {"request": "C-1", "category": "user.name"}
    desk.tell("correction", "right-1", "2016-05-05T09:00:00Z", value="Bea Marker", **asked)
    desk.tell("data_deleted", "del-1", "2016-06-01T00:00:00Z", categories=["user.name"], reason="asked")
    report = desk.report("right-1")
    assert [(one.state, one.value) for one in report.corrections] == [("deleted", None)]
    assert "Bea" not in as_text(report)


def test_erased_after_a_deletion(desk: Desk) -> None:
    """Of an erased person it is still known, by codes, what had been deleted before."""
    order: dict[str, Any] = {"act": "order", "reference": "O-1", "values": CONTACT, **PLACE}
    desk.tell("collection", "order-1", "2016-04-02T10:15:00Z", **order)
    desk.tell("data_deleted", "del-1", "2016-06-01T00:00:00Z", categories=["user.name"], reason="asked")
    desk.tell("erasure", "erase-1", "2016-07-01T00:00:00Z", reason="asked")
    states = {one.category: (one.state, one.deleted and one.deleted.reason) for one in desk.report("order-1").data}
    assert states["user.name"] == ("deleted", None)
    assert states["user.contact.email"] == ("sealed", None)


@pytest.mark.parametrize(
    ("wishes", "access", "correction"),
    [((), "unanswered", "open"), (("F-1",), "answered", "answered"), (("F-1", "denied"), "unanswered", "open")],
)
def test_requests_that_an_erasure_ends(desk: Desk, wishes: tuple[str, ...], access: str, correction: str) -> None:
    """It ends those of a person who had asked for it; of one who had not, nobody can answer an access request now."""
    order: dict[str, Any] = {"act": "order", "reference": "O-1", "values": CONTACT, **PLACE}
    desk.tell("collection", "order-1", "2016-04-02T10:15:00Z", **order)
    desk.tell("access_request", "ask-1", "2016-05-01T00:00:00Z", request="A-1")
    asked: dict[str, Any] = {"request": "C-1", "category": "user.name", "shows_error": True}
    desk.tell("correction_request", "ask-2", "2016-05-02T00:00:00Z", **asked)
    if wishes:
        desk.tell("erasure_request", "ask-3", "2016-05-03T00:00:00Z", request="F-1")
    if "denied" in wishes:
        desk.tell("request_denied", "deny-1", "2016-05-04T00:00:00Z", request="F-1", reason="not yet")
    desk.tell("erasure", "erase-1", "2016-07-01T00:00:00Z", reason="left")
    report = desk.report("order-1")
    states = {one.kind: one.state for one in report.requests}
    assert (states["access"], states["correction"]) == (access, correction)
    found = [one.code for one in report.findings if one.promise == "P25"]
    assert found == (["erased_unanswered"] if access == "unanswered" else [])
    page = as_html(report, policy=desk.installation.policy, made_at=datetime(2016, 8, 1, tzinfo=UTC))
    assert ("Never answered: you were forgotten before" in page) == (access == "unanswered")
    assert f"(Art. 15), {report.requests[0].request}: asked 2016-05-01 00:00 UTC, {access}" in " ".join(
        as_text(report).split()
    )


def test_what_a_correction_of_an_entry_cites(desk: Desk) -> None:
    """The report lists the evidence of a correction with its reason, in text and page."""
    desk.tell("collection", "a", "2016-04-02T00:00:00Z", act="order", reference="1", values=CONTACT, **PLACE)
    said = {"entry": {"source": "/shop", "id": "a"}, "reason": "a slip", "evidence": "ticket T-7"}
    desk.tell("entry_correction", "w", "2016-05-02T00:00:00Z", **said)
    report = desk.report("a")
    (note,) = (one for one in report.notes if one.what == "entry_corrected")
    assert (note.detail["reason"], note.detail["evidence"]) == ("a slip", "ticket T-7")
    assert "ticket T-7" in as_text(report)
