"""An opt-out that an officer annulled binds nobody in what happens after the annulment, and stays found before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.records.customer import LAST
from domain.vocabulary import Program
from tests.controls import contest_entry, fact, link, message, opt_out, order
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ADDRESS = "email:ada@example.com"
OUT = opt_out(2, fact_id="out")
BY_ADDRESS = opt_out(2, subject=ADDRESS, fact_id="out")


def annul(on: float, entry: str = "out", subject: str = "customer:1") -> Fact:
    """Return the annulment of an opt-out."""
    data = {"entry": {"source": "/shop", "id": entry}, "reason": "a bot"}
    return fact("entry_correction", on, data, subject=subject, fact_id=f"annul-{entry}-{on:g}")


def broken(*facts: Fact) -> dict[str, list[str]]:
    """Return which facts an audit finds to break what is owed to those who left."""
    found = audit(*facts)
    return {promise: found.breaches(promise) for promise in ("P11", "P17", "P18") if found.breaches(promise)}


def mailed(on: float, subject: str = "customer:1") -> Fact:
    """Return a mail of the program."""
    return message(on, subject=subject, fact_id=f"mail-{on:g}")


@pytest.mark.parametrize("out", [OUT, BY_ADDRESS], ids=["number", "address"])
def test_mail_is_judged_without_it_from_then_on(out: Fact) -> None:
    """What was mailed before the annulment breaks the promise, what was mailed after it does not."""
    subject = str(out.subject)
    facts = [order(1), out, mailed(20), annul(21, subject=subject), mailed(22)]
    own = {"P11": ["/shop mail-20"]} if out is OUT else {}
    assert broken(*facts) == own | {"P17": ["/shop mail-20"], "P18": ["/shop mail-20"]}
    (undone,) = audit(*facts).document["undone"]
    assert (undone["what"], undone["entry"], undone["reason"]) == ("opt_out", "/shop out", "a bot")


def test_a_mail_told_under_the_address() -> None:
    """It is judged by what binds the address then."""
    facts = [order(1), BY_ADDRESS, mailed(20, subject=ADDRESS), annul(21, subject=ADDRESS), mailed(22, subject=ADDRESS)]
    assert broken(*facts)["P17"] == ["/shop mail-20"]
    assert "/shop mail-22" not in {name for names in broken(*facts).values() for name in names}


@pytest.mark.parametrize("subject", ["customer:1", ADDRESS])
def test_another_opt_out_stands(subject: str) -> None:
    """Annulling one of two lifts nothing that the other binds, whichever came first."""
    for other in (1.5, 3):
        told = [opt_out(other, subject=subject, fact_id="theirs"), opt_out(2, subject=subject, fact_id="out")]
        facts = [order(1), *told, annul(21, subject=subject), mailed(22)]
        assert broken(*facts)["P17"] == ["/shop mail-22"]
        assert broken(*facts[:1], *told, annul(21, "theirs", subject), annul(21.5, subject=subject), mailed(22)) == {}


def test_nothing_turns_kept_by_it() -> None:
    """An opt-out that counts for nothing puts nothing to the test, and what was found before stays."""
    assert audit(order(1), OUT, annul(3), mailed(22)).verdict("P18")["exercised"] == 0
    assert audit(order(1), OUT, contest_entry(3), mailed(22)).verdict("P18")["exercised"] > 0
    assert audit(order(1), OUT, mailed(20), annul(21), mailed(22)).status("P17") == "broken"


def test_the_enrollment_goes_on() -> None:
    """What it alone had ended stands again, on the collection that it rested on."""
    shop = Shop().given(order(1), OUT)
    assert shop.state() == "opted_out"
    shop.given(annul(3))
    assert (shop.state(on=3), shop.state(on=4), shop.is_enrolled(on=3), shop.is_enrolled(on=4)) == (
        *("opted_out", "enrolled"),
        *(False, True),
    )
    assert not Shop().given(OUT, annul(3)).is_enrolled()
    assert Shop().given(order(1), OUT, opt_out(2.5), annul(3)).state() == "opted_out"


def test_who_asks_afterwards_is_enrolled() -> None:
    """Also by a purchase, which lifts no opt-out that stands."""
    shop = Shop().given(OUT, order(4))
    assert not shop.is_enrolled()
    shop = Shop().given(OUT, annul(3), order(4))
    assert shop.is_enrolled()
    shop.when(mailed(5)).assert_breaks()


def test_every_holder_of_the_address() -> None:
    """The one who has the address was bound by it, and is free again; somebody else's opt-out of it stays."""
    shop = Shop().given(order(1, subject="customer:2"), BY_ADDRESS)
    assert not shop.is_enrolled(subject="customer:2")
    assert shop.given(annul(3, subject=ADDRESS)).is_enrolled(subject="customer:2")
    shop = Shop().given(order(1, subject="customer:2"), BY_ADDRESS, opt_out(2.5, subject=ADDRESS, fact_id="theirs"))
    assert not shop.given(annul(3, subject=ADDRESS)).is_enrolled(subject="customer:2")


def by_number(shop: Shop) -> bool:
    """Return whether a guest may be somebody who opted out under a number."""
    return shop.judge.standing(shop.customer("guest:g"), Program.EMAIL_MARKETING, LAST).by_number is not None


def test_who_it_reached_by_a_number() -> None:
    """A record without a number that holds the address is reached no more, unless another opt-out reaches it."""
    portal = {"program": "email_marketing", "via": "portal"}
    out, *others = [fact("opt_out", on, portal, fact_id=name) for on, name in ((2, "out"), (1.5, "a"), (2.5, "b"))]
    for beside, is_free in [((), True), *(((other,), False) for other in others)]:
        shop = Shop().given(order(1), order(1, "O-2", subject="guest:g"), *beside, out)
        assert by_number(shop)
        assert by_number(shop.given(annul(3))) != is_free


def test_told_before_its_entry() -> None:
    """An officer's word that awaits the opt-out counts from its own time on, and not from the opt-out's."""
    shop = Shop().given(order(1), annul(20), OUT)
    assert (shop.is_enrolled(on=19), shop.is_enrolled(on=21)) == (False, True)
    shop = Shop().given(order(1), annul(2), opt_out(5, fact_id="out"))
    assert shop.is_enrolled(on=6)


def test_what_was_told_before_it_stays() -> None:
    """A mail that was told before the annulment is judged as then, however late its time."""
    shop = Shop().given(order(1), OUT)
    told = shop.when(mailed(30))
    told.assert_breaks("P11", "P17", "P18")
    shop.given(annul(20))
    assert shop.again(told) == {"not_enrolled", "mailed_after_opt_out"}
    shop.when(mailed(31)).assert_breaks()


def test_what_the_ledger_made_of_it_ends() -> None:
    """An opt-out told late ends an enrollment of ours; annulled, it ends it no longer."""
    shop = Shop().given(order(3), contest_entry(1), OUT)
    assert not shop.is_enrolled()
    shop.given(annul(20))
    assert shop.is_enrolled()
    assert shop.state() == "enrolled"


def test_nothing_is_owed_after_an_erasure() -> None:
    """Who comes back after an erasure is met by no annulled opt-out, and an audit of the erased judges as before."""
    gone = fact("erasure", 23, {"reason": "asked"})
    for out in (OUT, BY_ADDRESS):
        subject = str(out.subject)
        shop = Shop().given(order(1), out, annul(3, subject=subject), gone)
        shop.given(fact("erasure", 23.5, {"reason": "asked"}, subject=ADDRESS), order(24, "O-2"))
        assert shop.is_enrolled()
        facts = [order(1), out, mailed(20), annul(21, subject=subject), mailed(22)]
        assert broken(*facts, gone) == broken(*facts)


def test_one_of_two_people_who_were_linked() -> None:
    """An annulment under another name of the person reaches the opt-out, and is kept where streams join later."""
    other = order(1, "O-2", subject="customer:2")
    before = (link(1.5, "customer:2"), OUT, annul(3, subject="customer:2"))
    for told in (before, (OUT, annul(3), link(3.5, "customer:2"))):
        shop = Shop().given(order(1), other, *told)
        assert shop.is_enrolled()
        assert shop.is_enrolled(subject="customer:2")
