"""The stories by which the policy's contradictions are told, each from its facts to its verdicts."""

from __future__ import annotations

from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import (
    CUSTOMER,
    EMAIL_ONLY,
    OTHER,
    RECIPIENTS,
    age_learned,
    catalog_request,
    collection,
    contest_entry,
    enrollment,
    fact,
    gift,
    message,
    opt_out,
    order,
    share,
    use,
    verified,
)
from tests.laws.audit import audit

GOOGLE = fact(
    "recipient_registered",
    0,
    {"recipient": "google-ads", "roles": ["advertiser"], "categories": [EMAIL, ADDRESS], "group": "google"},
    subject=None,
    word="google",
)


def test_a_purchase_does_not_end_an_unsubscribing() -> None:
    """Contest, unsubscribe, first purchase, marketing mail: P18 is broken, under every reading."""
    result = audit(contest_entry(1), opt_out(2), order(3), message(4))
    for reading in ("harmonised", "strict", "permissive"):
        assert result.breaches("P18", reading) == ["/shop message-4"]
    assert result.broken() >= {"P11", "P17", "P18"}
    assert result.verdict("P18")["evidence"] == ["/shop opt_out-2"]


def test_a_contest_entry_does() -> None:
    """Purchase, unsubscribe, contest, mail: kept; only a strict reading of P11 knows no way in but registering.

    That reading convicts the mail, which the company sent, and no enrollment, which the ledger made.
    """
    result = audit(order(1), opt_out(2), contest_entry(3), message(4))
    for promise in ("P11", "P15", "P16", "P17", "P18"):
        assert result.status(promise) == "kept"
    assert result.status("P18", "strict") == "kept"
    assert result.breaches("P11", "strict") == ["/shop message-4"]
    unmailed = audit(order(1), opt_out(2), contest_entry(3))
    assert [unmailed.status(promise, "strict") for promise in ("P04", "P11")] == ["untested", "untested"]


def test_mail_in_flight() -> None:
    """A mail queued before the unsubscribe and handed over after it breaks the promise, and is listed as in flight."""
    result = audit(order(1), opt_out(2), message(3, queued_at="2016-04-02T12:00:00Z"))
    assert result.status("P17") == "broken"
    assert result.verdict("P17")["in_flight"] == ["/shop message-3"]


def test_a_catalog_request_after_an_e_mail_unsubscribe() -> None:
    """Post is enrolled, e-mail is not: a catalog may be sent, a newsletter not."""
    facts = (order(1), opt_out(2), catalog_request(3), message(4, channel="post"))
    result = audit(*facts)
    assert not result.broken() & {"P11", "P17", "P18", "P19", "P20"}
    assert result.status("P19") == "kept"
    assert audit(*facts, message(5)).breaches("P18") == ["/shop message-5"]


def test_two_addresses_of_one_person() -> None:
    """Who unsubscribed by one address may not be mailed at the other."""
    other = contest_entry(1.5, subject=OTHER, values={EMAIL: "second@example.com"})
    facts = (contest_entry(1), other, opt_out(2))
    joined = fact("record_read", 3, {"reader": "helpdesk", "purpose": "answer_message", "also": [verified(OTHER)]})
    result = audit(*facts, joined, message(4, subject=OTHER))
    assert result.breaches("P18") == ["/shop message-4"]
    assert result.verdict("P18")["violations"][0]["subject"] == OTHER
    assert audit(*facts, message(4, subject=OTHER)).status("P18") == "kept"


def test_two_addresses_that_were_joined_later() -> None:
    """A mail before the link is judged as it could be known then; one after it, on both histories."""
    other = contest_entry(1.5, subject=OTHER, values={EMAIL: "second@example.com"})
    facts = (contest_entry(1), other, opt_out(2), message(3, subject=OTHER))
    joined = fact("link", 4, {"with": OTHER, "verified": "merge"})
    assert audit(*facts, joined).breaches("P18") == []
    assert audit(*facts, joined, message(5, subject=OTHER)).breaches("P18") == ["/shop message-5"]


def test_a_gift_recipient_gets_no_catalog() -> None:
    """The recipient of a gift, known by nothing else, may not be mailed."""
    result = audit(gift(1), message(2, channel="post"))
    assert result.breaches("P06") == ["/shop message-2"]


def test_a_parcel_to_the_old_address() -> None:
    """After a correction, the value of an old order is not used."""
    corrected = (
        order(1),
        fact("correction_request", 2, {"request": "R-1", "category": ADDRESS, "shows_error": True}),
        fact("identity_verification", 2.1, {"request": "R-1", "method": "call", "passed": True}),
        fact("correction", 2.2, {"request": "R-1", "category": ADDRESS, "value": "2 Lantern Row"}),
        order(3, "O-2", values={NAME: "Ada Example"}),
    )
    old = {"value_from": {"act": "order", "reference": "O-1"}, "relying_on": {"act": "order", "reference": "O-1"}}
    result = audit(*RECIPIENTS, *corrected, share(4, "carrier", [NAME, ADDRESS], **old))
    assert result.breaches("P22") == ["/shop share-4"]
    assert audit(*RECIPIENTS, *corrected, share(4, "carrier", [NAME, ADDRESS])).status("P22") == "kept"


def test_identity_verified_too_late() -> None:
    """A report recorded before the verification breaks P27, whatever times both bear."""
    asked = fact("access_request", 1, {"request": "R-1"})
    issued = fact("access_report_issued", 2, {"request": "R-1"})
    verified = fact("identity_verification", 1.5, {"request": "R-1", "method": "mail", "passed": True})
    assert audit(order(0.5), asked, issued, verified).breaches("P27") == ["/shop access_report_issued-2"]
    assert audit(order(0.5), asked, verified, issued).status("P27") == "kept"
    assert audit(order(0.5), asked, verified, issued).status("P25") == "kept"


def test_a_subpoena() -> None:
    """What an authority gets by a legal order is excused, and stays on the list."""
    ordered = {"purpose": "legal_obligation", "kind": "legal_obligation"}
    result = audit(*RECIPIENTS, order(1), share(2, "authority", [NAME, ADDRESS], **ordered))
    assert result.status("P05") == "excused"
    assert [said["event"] for said in result.verdict("P05")["excused"]] == ["/shop share-2"]


def test_a_known_child() -> None:
    """After the age is known nothing is collected, and what is held is erased in time."""
    facts = (order(1), age_learned(2), contest_entry(3))
    assert audit(*facts).breaches("P23") == ["/shop contest_entry-3"]
    assert audit(*facts[:2], as_of=32).status("P23") == "open"
    assert audit(*facts[:2], as_of=32.001).breaches("P23") == ["/shop age_learned-2"]
    erased = fact("erasure", 10, {"reason": "a child"})
    assert audit(*facts[:2], erased, as_of=40).status("P23") == "kept"
    assert audit(*facts[:2], gift(3), as_of=4).status("P23") == "open"


def test_an_address_from_an_e_mail() -> None:
    """Who wrote to us is not sent the newsletter, unless the same address is known from a purchase too."""
    wrote = collection("inbound_message", 1, reference="T-1", values={EMAIL: "ada@example.com", "user.content": "?"})
    result = audit(wrote, enrollment(2, "email_marketing", "import"), message(3))
    assert result.status("P09") == "broken"
    used = audit(wrote, use(2, "direct_marketing", [EMAIL], relying_on={"act": "inbound_message", "reference": "T-1"}))
    assert used.breaches("P09") == ["/shop use-2"]
    bought = audit(wrote, order(2), message(3), use(4, "direct_marketing", [EMAIL]))
    assert not bought.broken() & {"P04", "P08", "P09", "P11"}


def test_an_account_holders_address_to_google() -> None:
    """It breaks P33 whether the account was opened before or after."""
    given = share(2, "google-ads", [EMAIL], kind="third_party")
    for on in (1, 3):
        account = collection("account", on, values=EMAIL_ONLY)
        result = audit(GOOGLE, order(0.5), given, account)
        assert result.breaches("P33") == ["/shop share-2"], on
        assert result.verdict("P33")["violations"][0]["subject"] == CUSTOMER
    assert audit(GOOGLE, order(0.5), given).status("P33") == "kept"
