"""What only a link permitted is undecided once the link is undone: who let mail in, and what a use rested on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import contest_entry, fact, link, message, opt_out, order, share, unlink
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, THREE = "customer:1", "customer:2", "customer:3"
MAILBOX = "email:ada@example.com"
ADAS = {EMAIL: "ada@example.com"}
LEFT: list[Fact] = [
    contest_entry(1, fact_id="mine"),
    opt_out(2, subject=MAILBOX, fact_id="out"),
]
JOINED = link(3, TWO, fact_id="join")
ANEW = contest_entry(4, reference="anew", subject=TWO, fact_id="anew", values=ADAS)
THEIRS = order(4.5, "O-3", subject=THREE, fact_id="theirs", values=ADAS)
"""Somebody else comes to have the address."""
PARTED = unlink(6, TWO, fact_id="part")
CARRIER = fact("recipient_registered", 0, {"recipient": "carrier", "roles": ["carrier"], "categories": [ADDRESS]})


def undecided(*facts: Fact, promise: str = "P17") -> list[tuple[str, list[str]]]:
    """Return which facts an audit leaves undecided under a promise, each with why."""
    return [(one["event"], one["codes"]) for one in audit(*facts).verdict(promise).get("indeterminate", ())]


@pytest.mark.parametrize("subject", [ONE, TWO, THREE, MAILBOX])
def test_mail_to_whoever_has_the_address(subject: str) -> None:
    """One of two lifted the opt-out of the other's address: mail to anybody who has it was permitted by that alone."""
    mailed = message(5, subject=subject, fact_id="mail")
    told = [*LEFT, JOINED, ANEW, THEIRS, mailed]
    assert not audit(*told).breaches("P17")
    assert undecided(*told) == []
    ((event, codes),) = undecided(*told, PARTED)
    assert (event, codes) == ("/shop mail", ["only_linked"])
    assert audit(*told, PARTED).breaches("P17") == []


def test_it_names_the_unlink_to_those_alone_who_were_parted() -> None:
    """A stranger who has the address is not told who was taken for whom."""
    for subject, shown in ((ONE, ["/shop part"]), (THREE, [])):
        document = audit(*LEFT, JOINED, ANEW, THEIRS, message(5, subject=subject, fact_id="mail"), PARTED)
        (said,) = document.verdict("P17")["indeterminate"]
        assert said.get("evidence", []) == shown


def test_what_they_lift_by_themselves_stands() -> None:
    """The one whose address it is asked as well: nothing rested on the link."""
    mine = contest_entry(4.5, reference="mine again", fact_id="mine again")
    assert undecided(*LEFT, JOINED, ANEW, mine, message(5, fact_id="mail"), PARTED) == []


@pytest.mark.parametrize("is_late", [False, True])
def test_it_is_out_again_from_the_unlink_on(*, is_late: bool) -> None:
    """Also where the opt-out was told last, so that the lift was made of an entry told before."""
    first, out = LEFT
    told = [first, JOINED, ANEW, out, THEIRS] if is_late else [first, out, JOINED, ANEW, THEIRS]
    later = [message(7, subject=name, fact_id=f"mail {name}") for name in (ONE, TWO, THREE)]
    document = audit(*told, PARTED, *later)
    assert document.breaches("P17") == [f"/shop mail {name}" for name in (ONE, TWO, THREE)]
    shop = Shop().given(*told)
    assert not shop.when(message(5, fact_id="before")).codes("P17")
    assert shop.given(PARTED).when(message(8, fact_id="after")).codes("P17") == {"mailed_after_opt_out"}


def test_a_link_that_is_made_again() -> None:
    """What was lifted before the unlink stays taken back, until one of them asks as one person again."""
    told = [*LEFT, JOINED, ANEW, THEIRS, PARTED, link(7, TWO, fact_id="join again")]
    third = message(9, subject=THREE, fact_id="mail")
    assert audit(*told, third).breaches("P17") == ["/shop mail"]
    asked = contest_entry(8, reference="again", subject=TWO, fact_id="again", values=ADAS)
    assert audit(*told, asked, third).breaches("P17") == []


def test_a_use_that_rests_on_the_others_collections() -> None:
    """The order was the other's; a share for it rests on nothing recorded, once they are two."""
    theirs = order(2, "O-2", subject=TWO, fact_id="two", values={NAME: "Bea", ADDRESS: "2 Lantern Row"})
    shared = share(3.5, "advertiser", [ADDRESS], reference="O-2", relying_on={"act": "order", "reference": "O-2"})
    sent = share(3.6, "carrier", [ADDRESS], reference="O-2")
    told = [CARRIER, order(1, values={NAME: "Ada"}), theirs, JOINED, sent]
    assert audit(*told).status("P05") == "kept"
    assert undecided(*told, PARTED, promise="P05") == [("/shop share-3.6", ["only_linked"])]
    broken = audit(*told, shared).broken()
    assert broken
    assert broken <= audit(*told, shared, PARTED).broken()


def test_a_use_that_rests_on_ones_own_stays() -> None:
    """Of two orders that permit it the other's came later; without it the own one permits it as well."""
    mine = order(1, "O-1", fact_id="mine", values={NAME: "Ada", ADDRESS: "1 Lantern Row"})
    theirs = order(2, "O-2", subject=TWO, fact_id="two", values={NAME: "Bea", ADDRESS: "2 Lantern Row"})
    told = [CARRIER, mine, theirs, JOINED, share(4, "carrier", [ADDRESS], reference=None), PARTED]
    assert audit(*told).verdict("P05")["exercised"] == 1
    assert audit(*told).status("P05") == "kept"


def test_a_link_that_comes_later_lifts_nothing_before_it() -> None:
    """Somebody typed the address before they were one: no one else is let in by it, whichever is told first."""
    typed = contest_entry(2.5, reference="typed", subject=TWO, fact_id="typed", values=ADAS)
    for told in ([*LEFT, typed, JOINED], [*LEFT, JOINED, typed], [JOINED, *LEFT, typed]):
        shop = Shop().given(*told, THEIRS)
        for on in (4.75, 5):
            assert shop.when(message(on, subject=THREE, fact_id=f"mail {on}")).codes("P17") == {"mailed_after_opt_out"}


def test_a_link_told_late_lifts_what_they_asked_for_since() -> None:
    """They were one person when one of them asked, though nobody had said so yet."""
    for told in ([*LEFT, JOINED, ANEW], [*LEFT, ANEW, JOINED], [JOINED, ANEW, *LEFT], [ANEW, JOINED, *LEFT]):
        shop = Shop().given(order(2.7, "O-3", subject=THREE, values=ADAS), *told)
        assert not shop.when(message(5, subject=THREE, fact_id="mail")).codes("P17")
        assert shop.when(message(3.5, subject=THREE, fact_id="before")).codes("P17") == {"mailed_after_opt_out"}
