"""The newsletter's promises, each story from its facts to its verdicts, as a trace under the second policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.contract import parse_fact
from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT
from tests.controls import START
from tests.laws.audit import audit
from tests.newsletter import (
    COMPANY,
    JUNE,
    READER,
    asked_to_be_forgotten,
    collected,
    confirmation,
    forgotten,
    issue,
    left,
    newsletter,
    partners_announced,
    said_no,
    sent,
    shared,
    sign_up,
    verified,
)

if TYPE_CHECKING:
    from tests.laws.audit import Audit

READINGS = ("harmonised", "strict", "permissive")
SECOND = 1 / 24 / 3600
ORDER_VALUES = {NAME: "Ada Quill", ADDRESS: "1 Quay Lane", EMAIL: "marked-reader@example.org", PAYMENT: None}


def audited(*facts: dict[str, Any], as_of: float = 100) -> Audit:
    """Audit what happened to one reader of a company that does all else as it should, as of a day of the summer."""
    parsed = [parse_fact(fact) for fact in (*COMPANY, *facts)]
    return audit(*parsed, as_of=(JUNE - START).days + as_of, policy=newsletter())


def statuses(of: Audit, promise: str) -> list[str]:
    """Return the status of a promise under each reading."""
    return [of.status(promise, reading) for reading in READINGS]


def test_all_is_well() -> None:
    """Signed up, confirmed, mailed, told of partners, shared after thirty days: nothing is broken in any reading."""
    result = audited(
        sign_up(1),
        sent("ask", "message", 1, channel="email", purpose="verify_identity", unsubscribe_link=True, message_id="a"),
        confirmation(2),
        issue(3),
        shared(3, "mail", kind="service_provider", purpose="direct_marketing"),
        partners_announced(4),
        shared(34),
    )
    for reading in READINGS:
        assert result.broken(reading) == set()
    for promise in ("N01", "N02", "N03", "N04", "N05", "N06", "N07", "N08", "N09", "N11"):
        assert statuses(result, promise) == ["kept"] * 3
    assert result.status("N23") == "attested"
    assert result.verdict("N08")["evidence"] == ["/letter confirm-2"]


def test_not_confirmed() -> None:
    """A sign-up alone enrolls nobody, so the issue breaks the double opt-in, under every reading."""
    result = audited(sign_up(1), issue(3))
    for reading in READINGS:
        assert result.breaches("N07", reading) == ["/letter issue-3"]
        assert result.broken(reading) == {"N06", "N07"}
    assert result.verdict("N07")["evidence"] == ["/letter sign-up-1"]
    assert result.status("N08") == "not_exercised"


def test_enrolled_by_hand() -> None:
    """Put on the list without a confirmation, both that and the issue break; confirmed later, only they stay broken."""
    by_hand = sent("enrol", "enrollment", 2, program="email_marketing", cause="promotional_request", reference="S-1")
    result = audited(sign_up(1), by_hand, issue(3), confirmation(4), issue(5))
    assert result.breaches("N07") == ["/letter enrol-2", "/letter issue-3"]
    assert result.verdict("N07")["kept_by"] == ["/letter confirm-4", "/letter issue-5"]


def test_confirmed_by_logging_in() -> None:
    """The harmonised reading takes the account for the link in the mail; the strict one does not."""
    result = audited(sign_up(1), confirmation(2, point="account"), issue(3))
    assert statuses(result, "N07") == ["kept", "broken", "kept"]
    assert result.breaches("N07", "strict") == ["/letter issue-3"]


def test_a_confirmation_that_was_told_late() -> None:
    """A confirmation before the issue counts, though the ledger learned of it later; the audit says so."""
    result = audited(sign_up(1), issue(3), confirmation(2))
    assert statuses(result, "N07") == ["kept"] * 3
    late = {"event": "/letter issue-3", "evidence": ["/letter confirm-2"]}
    assert result.verdict("N07")["late_evidence"] == [late]


@pytest.mark.parametrize("act", ["order", "contest_entry", "catalog_request", "registration", "inbound_message"])
def test_no_other_way_in(act: str) -> None:
    """No other act enrolls a reader under this policy, not even with a confirmation."""
    requests = {"requests": ["updates", "catalog"]} if act == "registration" else {}
    result = audited(
        collected("did", act, 1, reference="X-1", collection_point="confirmation", values=ORDER_VALUES, **requests),
        issue(2),
        {**issue(2, channel="post"), "id": "catalog-2"},
    )
    assert set(result.breaches("N06")) == {"/letter issue-2", "/letter catalog-2"}


def test_shared_a_day_early() -> None:
    """On the twenty-ninth day the partner may not have the address yet, under any reading."""
    result = audited(sign_up(1), confirmation(2), partners_announced(4), shared(33))
    for reading in READINGS:
        assert result.broken(reading) == {"N11"}
        assert result.breaches("N11", reading) == ["/letter shared-partner-33"]
    assert result.verdict("N11")["evidence"] == ["/letter told-4"]


def test_shared_when_the_period_ends() -> None:
    """At that very instant it may go; a second before it may not."""
    facts = (sign_up(1), confirmation(2), partners_announced(4))
    assert statuses(audited(*facts, shared(34)), "N11") == ["kept"] * 3
    assert statuses(audited(*facts, shared(34 - SECOND)), "N11") == ["broken"] * 3


def test_said_no_in_the_period() -> None:
    """Then no partner gets it, however long one waits."""
    result = audited(sign_up(1), confirmation(2), partners_announced(4), said_no(10), shared(50))
    assert statuses(result, "N11") == ["broken"] * 3
    assert result.verdict("N11")["evidence"] == ["/letter no-10"]


def test_left_in_the_period() -> None:
    """To leave the letter is to say no; the permissive reading keeps the two apart."""
    facts = (sign_up(1), confirmation(2), partners_announced(4), left(10))
    assert statuses(audited(*facts, shared(50)), "N11") == ["broken", "broken", "kept"]
    assert statuses(audited(*facts, sign_up(20, "S-2"), shared(50)), "N11") == ["broken", "broken", "kept"]
    back = (sign_up(20, "S-2"), confirmation(21, "S-2"))
    assert statuses(audited(*facts, *back, shared(50)), "N11") == ["kept"] * 3


def test_sold() -> None:
    """A sale waits like any partner's share, and is no capacity in which a sign-up may be given away at all."""
    result = audited(sign_up(1), confirmation(2), partners_announced(4), shared(20, "mail", kind="sale"))
    assert result.broken() == {"N05", "N11"}


def test_left_and_mailed() -> None:
    """An issue after the unsubscribing breaks what it says of leaving, and the confirmation is spent."""
    result = audited(sign_up(1), confirmation(2), left(3), issue(4))
    assert result.broken() == {"N06", "N07", "N09", "N10"}
    assert result.breaches("N10") == ["/letter issue-4"]


def test_back_again() -> None:
    """Only a new sign-up, confirmed, opens the letter again."""
    facts = (sign_up(1), confirmation(2), left(3), sign_up(4, "S-2"))
    assert audited(*facts, issue(6)).broken() == {"N06", "N07", "N09", "N10"}
    assert audited(*facts, confirmation(5, "S-2"), issue(6)).broken() == set()


def test_no_link_in_a_mail_that_is_no_issue() -> None:
    """Issues need the link; the strict reading asks it of every other mail too."""
    ask = sent("ask", "message", 1, channel="email", purpose="verify_identity", unsubscribe_link=False, message_id="a")
    assert statuses(audited(sign_up(1), ask), "N09") == ["untested", "broken", "untested"]
    no_link = issue(3, unsubscribe_link=False)
    assert statuses(audited(sign_up(1), confirmation(2), no_link), "N09") == ["broken"] * 3


def test_not_forgotten_in_time() -> None:
    """Thirty days after the verification the request is overdue; until then it is open."""
    facts = (sign_up(1), asked_to_be_forgotten(5), verified(6))
    assert statuses(audited(*facts, as_of=35), "N17") == ["open"] * 3
    assert statuses(audited(*facts, as_of=36), "N17") == ["open", "broken", "open"]
    assert statuses(audited(*facts, as_of=36 + SECOND), "N17") == ["broken"] * 3
    late = audited(*facts, forgotten(40))
    for reading in READINGS:
        assert late.verdict("N17", reading)["violations"][0]["remedied"] == "/letter erase-40"


def test_forgotten_in_time() -> None:
    """An erasure at the last instant is in time; the strict reading counts from the asking."""
    facts = (sign_up(1), asked_to_be_forgotten(5), verified(6))
    assert statuses(audited(*facts, forgotten(35)), "N17") == ["kept"] * 3
    assert statuses(audited(*facts, forgotten(36)), "N17") == ["kept", "broken", "kept"]
    assert statuses(audited(*facts, forgotten(36 + SECOND)), "N17") == ["broken"] * 3


def test_who_never_showed_who_they_are() -> None:
    """The strict reading binds any request; the others one whose author is known."""
    assert statuses(audited(sign_up(1), asked_to_be_forgotten(5)), "N17") == ["untested", "broken", "untested"]


def test_a_purchase_serves_the_purchase() -> None:
    """An order's data goes to carrier and bank for it, and serves no letter and no partner."""
    bought = collected("order", "order", 1, reference="O-1", collection_point="checkout", values=ORDER_VALUES)
    to_carrier = {"kind": "service_provider", "purpose": "deliver_order", "reference": "O-1"}
    kept = audited(bought, shared(2, "carrier", categories=[NAME, ADDRESS], **to_carrier))
    assert kept.broken() == set()
    assert kept.status("N14") == "kept"
    result = audited(bought, partners_announced(2), shared(40), issue(41))
    assert result.broken() == {"N06", "N07", "N14"}


def test_browsers() -> None:
    """A signal is a refusal, and no cookie says who somebody is; the widest reading knows one signal only."""
    browser = "visitor:b-1"
    cookie = sent("cookie", "cookie_set", 2, browser, cookie="c", purpose="track_visits", categories=[])
    signals = {name: sent("signal", "signal", 1, browser, signal=name, value="1") for name in ("gpc", "dnt")}
    assert statuses(audited(signals["gpc"], cookie), "N26") == ["broken"] * 3
    assert statuses(audited(signals["dnt"], cookie), "N26") == ["broken", "broken", "untested"]
    assert audited(cookie).status("N25") == "kept"
    advert = sent("cookie", "cookie_set", 2, browser, cookie="c", purpose="deliver_ads", categories=[EMAIL])
    assert audited(advert).broken() == {"N24", "N25"}


def test_before_the_policy_was_in_force() -> None:
    """It says since when it binds, and a collection before that day was under no policy of this company's."""
    assert audited(sign_up(-22)).status("N01") == "kept"
    assert audited(sign_up(-22 - SECOND)).breaches("N01") == [f"/letter sign-up-{-22 - SECOND:g}"]


def test_people_are_named_as_they_were_sent() -> None:
    """A breach says whom it is about."""
    assert audited(sign_up(1), issue(3)).verdict("N07")["violations"][0]["subject"] == READER
