"""The waiting period between a request to be forgotten and the erasure: what may be done in it, and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain import ledger
from domain.events.customer import (
    AccessReportIssued,
    CustomerErased,
    CustomerOptedOut,
    DataCollected,
    DataCorrected,
    DataUsed,
    RequestDenied,
    RequestWithdrawn,
)
from domain.events.deletions import DataAnonymised, DataDeleted
from domain.parting import OfficerOnly
from domain.store import Sender
from domain.vocabulary import EMAIL
from domain.waiting import WAITING, ErasureWaits
from tests.controls import (
    contest_entry,
    correction,
    declined,
    fact,
    link,
    message,
    opt_out,
    order,
    report_issued,
    share,
    use,
    verification,
    verified,
)
from tests.laws.audit import audit
from tests.scenario import Shop, with_parameters

if TYPE_CHECKING:
    from domain.facts import Fact

WAITS = with_parameters(erasure_waiting_days=7)
ASKED = fact("erasure_request", 2, {"request": "R-1"}, fact_id="forget")
WITHDRAWN = fact("request_withdrawn", 4, {"request": "R-1"}, fact_id="back")
SECOND = 1 / 24 / 3600
TWO = "customer:2"


def erasure(on: float, request: str | None = "R-1", subject: str = "customer:1") -> Fact:
    """Return an erasure, on request or an officer's own."""
    data = {"reason": "asked", **({"request": request} if request else {})}
    return fact("erasure", on, data, subject=subject, fact_id=f"erase-{on:g}")


def asked() -> Shop:
    """Return a shop under a policy with a week to think it over, in which somebody asked to be forgotten."""
    return Shop(WAITS).given(contest_entry(1), ASKED)


@pytest.mark.parametrize("request_id", ["R-1", None, "R-2"])
def test_an_erasure_waits_for_the_end(request_id: str | None) -> None:
    """To the last instant it is not taken, whatever request it names, and the error says until when."""
    shop = asked()
    with pytest.raises(ErasureWaits) as raised:
        shop.when(erasure(9 - SECOND, request_id))
    assert "2016-04-10T00:00:00Z" in raised.value.why
    assert (raised.value.code, bool(raised.value.what), bool(raised.value.hint)) == ("erasure_waits", True, True)
    assert not shop.customer().erased
    with pytest.raises(ErasureWaits):
        ledger.ask(shop.store, erasure(9 - SECOND, request_id), shop.sender)
    shop.when(erasure(9, request_id)).then(CustomerErased)


def test_a_deletion_in_part_waits_too() -> None:
    """What the ledger holds can still be wanted back; what another system deleted has happened, and is told."""
    data = {"categories": ["user.contact"], "reason": "asked"}
    shop = asked()
    with pytest.raises(ErasureWaits):
        shop.when(fact("data_deleted", 5, data, fact_id="d-1"))
    shop.when(fact("data_deleted", 5, {**data, "held_in": "mail"}, fact_id="d-2")).then(DataDeleted)
    shop.when(fact("data_anonymised", 9, data, fact_id="d-3")).then(DataAnonymised)


def test_without_a_request_nothing_waits() -> None:
    """An officer's own erasure is taken at once; so is any under a policy without a waiting period."""
    Shop(WAITS).given(contest_entry(1)).when(erasure(3, None)).then(CustomerErased)
    Shop().given(contest_entry(1), ASKED).when(erasure(3)).then(CustomerErased)


@pytest.mark.parametrize("ended", [WITHDRAWN, declined(4, kind="request_denied")])
def test_what_ends_the_request_ends_the_waiting(ended: Fact) -> None:
    """A withdrawal or a denial: then everything may be done again, and an erasure needs no request."""
    shop = asked().given(ended)
    assert not ledger.ask(shop.store, message(5), shop.sender)
    shop.when(erasure(5, None)).then(CustomerErased)


def test_who_asks_again_waits_again() -> None:
    """A withdrawal ends what was asked before it, not what is asked after it."""
    shop = asked()
    shop.when(WITHDRAWN).then(RequestWithdrawn)
    shop.given(fact("erasure_request", 5, {"request": "R-1"}, fact_id="anew"))
    with pytest.raises(ErasureWaits, match="2016-04-13"):
        shop.when(erasure(11))


def test_a_linked_person_waits_on_all_streams() -> None:
    """The one who asked under one name is not erased under another."""
    shop = asked().given(order(2.5, subject=TWO), link(3, TWO))
    with pytest.raises(ErasureWaits):
        shop.when(erasure(4, None, subject=TWO))


@pytest.mark.parametrize(
    "done",
    [
        use(5, "keep_books"),
        message(5),
        message(5, purpose="confirm_delivery"),
        share(5, "carrier", ["user.contact.address"]),
        fact("enrollment", 5, {"program": "email_marketing", "cause": "staff"}),
    ],
)
def test_nothing_else_may_be_done(done: Fact) -> None:
    """A decision says no, and an enforced fact is refused, each with the code and the request."""
    shop = asked()
    found = ledger.ask(shop.store, done, shop.sender)
    request = next(iter(shop.customer().rights.matters.values())).requests[0].position
    assert [one.events for one in found if one.code == WAITING] == [(request,)]
    without = Shop(WAITS).given(contest_entry(1))
    assert not any(one.code == WAITING for one in ledger.ask(without.store, done, shop.sender))
    enforced = done.model_copy(update={"data": done.data.model_copy(update={"mode": "enforce"})})
    refused = shop.when(enforced)
    assert refused.refused
    assert WAITING in refused.codes(WAITING)


def test_what_protects_answers_or_is_required_by_law_may() -> None:
    """Opting out, a report, a correction, and uses for a request, an identity or the law."""
    shop = asked().given(verification(4))
    for purpose in ("answer_rights_request", "verify_identity", "legal_obligation"):
        assert not any(one.code == WAITING for one in ledger.ask(shop.store, use(5, purpose), shop.sender))
    legal = share(5, "authority", ["user.name"], kind="legal_obligation", purpose="legal_obligation")
    assert not any(one.code == WAITING for one in ledger.ask(shop.store, legal, shop.sender))
    answers = (
        (report_issued(5), AccessReportIssued),
        (correction(5.1), DataCorrected),
        (opt_out(5.2), CustomerOptedOut),
    )
    for told, made in answers:
        enforced = told.model_copy(update={"data": told.data.model_copy(update={"mode": "enforce"})})
        assert isinstance(shop.when(enforced).events[0], made)


def test_mail_under_the_address_waits_as_well() -> None:
    """A mail service knows the address alone; whose request it is stays unsaid."""
    shop = asked()
    against = ledger.ask(shop.store, message(5, subject="email:ada@example.com"), shop.sender)
    assert [(one.promise, one.events) for one in against if one.promise == WAITING] == [(WAITING, ())]
    assert not ledger.ask(shop.store, message(9, subject="email:ada@example.com"), shop.sender)


def test_the_ledger_enrolls_nobody_meanwhile() -> None:
    """An order in the waiting period is stored, and leads to no mail."""
    shop = Shop(WAITS).given(ASKED)
    shop.when(order(5)).then(DataCollected)
    assert not shop.is_enrolled()


def test_what_was_done_all_the_same_is_listed() -> None:
    """It is stored without a refusal; the audit lists it with the request and the end, and breaks no promise by it."""
    mail = use(5, "take_payment", reference="O-1")
    told = (order(1), ASKED, mail, use(9, "keep_books", reference="O-1"), use(6, "legal_obligation"))
    assert isinstance(asked().when(mail).events[0], DataUsed)
    listed = audit(*told, policy=WAITS).document["done_while_waiting"]
    assert [(one["event"], one["request"], one["until"]) for one in listed] == [
        ("/shop use-5", "/shop forget", "2016-04-10T00:00:00Z")
    ]
    assert audit(*told).document["done_while_waiting"] == []
    withdrawn = audit(*told, WITHDRAWN, policy=WAITS).document
    assert withdrawn["done_while_waiting"] == []


def test_mail_under_the_address_is_listed_too() -> None:
    """It is listed for somebody whose erasure waits and who had the address, without saying whose request it is."""
    mailed = [message(on, subject="email:ada@example.com", fact_id=f"m-{on}") for on in (1.5, 5, 9)]
    told = (contest_entry(1), ASKED, *mailed)
    for erased in ((), (erasure(10),)):
        listed = audit(*told, *erased, policy=WAITS).document["done_while_waiting"]
        assert [(one["event"], one["request"], one["until"]) for one in listed] == [
            ("/shop m-5", None, "2016-04-10T00:00:00Z")
        ]
    other = contest_entry(1, values={EMAIL: "bea@example.com"})
    assert audit(other, ASKED, *mailed, policy=WAITS).document["done_while_waiting"] == []


@pytest.mark.parametrize("sender", [Sender("shop"), Sender("desk", vouches=True)])
def test_only_an_officer_denies_what_waits(sender: Sender) -> None:
    """Anybody else would end the time to think it over; where none runs, a request is denied as any other is."""
    shop, denial = asked(), declined(4, kind="request_denied")
    officer, shop.sender = shop.sender, sender
    with pytest.raises(OfficerOnly, match="not stored"):
        shop.when(denial)
    with pytest.raises(OfficerOnly):
        ledger.ask(shop.store, denial, sender)
    shop.when(declined(4, "R-2", kind="request_denied")).then(RequestDenied)
    assert shop.when(message(5)).events
    assert ledger.ask(shop.store, message(5), sender)
    shop.sender = officer
    with pytest.raises(ErasureWaits):
        shop.when(erasure(5))
    Shop().given(contest_entry(1), ASKED).when(denial).then(RequestDenied)


@pytest.mark.parametrize("is_officer", [True, False])
def test_a_denial_told_before_its_request(is_officer: bool) -> None:  # noqa: FBT001 - the two kinds of sender
    """It answers the request; only an officer's ends the waiting."""
    shop = Shop(WAITS).given(contest_entry(1))
    officer, shop.sender = shop.sender, Sender("desk", vouches=True, is_officer=is_officer)
    shop.given(declined(4, kind="request_denied"))
    shop.sender = officer
    shop.given(ASKED)
    assert bool(ledger.ask(shop.store, message(5), officer)) != is_officer
    if is_officer:
        shop.when(erasure(5)).then(CustomerErased)
    else:
        with pytest.raises(ErasureWaits):
            shop.when(erasure(5))


@pytest.mark.parametrize("later", [WITHDRAWN, fact("record_read", 9, {"reader": "r", "purpose": "p"}, fact_id="later")])
def test_a_deletion_that_waits_for_a_collection_waits_for_the_person_too(later: Fact) -> None:
    """It was told before the person asked; the values go with the first fact after the waiting period."""
    cited = {"act": "order", "reference": "O-1"}
    deletion = fact("data_deleted", 2, {"categories": [EMAIL], "reason": "old", "relying_on": cited}, fact_id="gone")
    shop = Shop(WAITS).given(contest_entry(1), deletion, ASKED)
    shop.when(order(1.5)).then(DataCollected)
    shop.given(use(5, "answer_rights_request"))
    held = {one.category for one in shop.store.values.kept(shop.customer().streams)}
    assert EMAIL in held
    gone = shop.when(later).events[-1]
    assert isinstance(gone, DataDeleted)
    assert gone.gone == (EMAIL,)
    kept = [(one.position, one.category) for one in shop.store.values.kept(shop.customer().streams)]
    entry = shop.customer().by_reference["contest_entry-1"][0].position
    assert [position for position, category in kept if category == EMAIL] == [entry]
    assert not any(isinstance(event, DataDeleted) for event in shop.when(use(12, "keep_books")).events)


def test_a_trace_rejects_the_same_erasure() -> None:
    """Its line is rejected, and what stands behind it is judged of the living person."""
    told = (contest_entry(1), ASKED, erasure(5), message(6))
    assert [one["event"] for one in audit(*told, policy=WAITS).document["done_while_waiting"]] == ["/shop message-6"]
    assert audit(*told, erasure(9), policy=WAITS).document["events"] == len(told)


def test_no_other_date_and_no_link_goes_round_it() -> None:
    """An erasure dated before the request waits as well, and so does one that reaches the person by a link."""
    with pytest.raises(ErasureWaits):
        asked().when(erasure(1.5))
    by_link = fact("erasure", 3, {"reason": "asked", "also": [verified("customer:1")]}, subject=TWO)
    with pytest.raises(ErasureWaits):
        asked().given(contest_entry(1, subject=TWO, fact_id="two")).when(by_link)
