"""An address that a person has by a link alone is a contact point of theirs from the link on, until they are parted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from domain import ledger
from domain.elsewhere import reach_of
from domain.facts.fields import Subject
from domain.records.customer import LAST
from domain.suppressions import owed_at
from domain.vocabulary import EMAIL, Program
from tests.controls import contest_entry, day, fact, link, message, name_ended, order, unlink
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, GUEST, MAILBOX = "customer:1", "customer:2", "guest:g", "email:box@example.com"
VALUES: Final = {EMAIL: "box@example.com"}
KNOWN: Final = order(1, values={"user.name": "Ada"}, fact_id="one")
JOINED: Final = link(2, MAILBOX, fact_id="join")
HELD: Final = contest_entry(1.5, subject=GUEST, reference="F-1", fact_id="guest", values=VALUES)
PORTAL: Final = {"program": "email_marketing", "via": "portal"}


def out(on: float, subject: str = ONE) -> Fact:
    """Return an opt-out that names no address: `/shop out`."""
    return fact("opt_out", on, PORTAL, subject=subject, fact_id="out")


def erased(on: float, subject: str = ONE, **data: Any) -> Fact:  # noqa: ANN401 - any field
    """Return an erasure: `/shop erase`."""
    return fact("erasure", on, {"reason": "asked", **data}, subject=subject, fact_id="erase")


MAIL: Final = message(40, subject=GUEST, fact_id="mail")


@pytest.mark.parametrize("joined", [JOINED, link(2, ONE, subject=MAILBOX, fact_id="join")], ids=["with", "under"])
def test_an_opt_out_under_the_number_reaches_others_with_it(joined: Fact) -> None:
    """A guest with the address may be the same person: a decision says no, mail cannot be judged."""
    assert audit(KNOWN, HELD, joined, MAIL).status("P17") == "kept"
    assert audit(KNOWN, HELD, joined, out(3), MAIL).status("P17") == "indeterminate"
    assert audit(KNOWN, HELD, out(1.8), joined, MAIL).status("P17") == "kept"  # It was not theirs yet.
    shop = Shop().given(KNOWN, HELD, joined, out(3))
    assert ledger.ask(shop.store, message(41, subject=GUEST, fact_id="ask"), shop.sender)


def test_an_opt_out_of_the_address_binds_the_person() -> None:
    """Told under the address or with a mail that went there, by whomever."""
    for told in (out(3, MAILBOX), fact("opt_out", 3, {**PORTAL, "to": MAILBOX}, subject=GUEST, fact_id="out")):
        shop = Shop().given(KNOWN, HELD, JOINED, told)
        assert set(owed_at(shop.judge, shop.customer(ONE), LAST)) == {Program.EMAIL_MARKETING}


def test_an_erasure_names_the_others_who_have_it() -> None:
    """The request stays open until they are settled; the address is the erased one's once nobody living has it."""
    shop = Shop().given(KNOWN, HELD, JOINED)
    guest = shop.customer(GUEST).streams
    assert set(reach_of(shop.when(erased(5)).events).elsewhere) == set(guest)
    alone = Shop().given(KNOWN, JOINED, out(3), erased(5))
    assert alone.store.left_of(Subject("email", "box@example.com"), day(2.5))
    mailed = message(40, subject="email:box@example.com", fact_id="mail")
    assert alone.when(mailed).codes("P17") == {"mailed_after_opt_out"}
    typed = Shop().given(KNOWN, HELD, JOINED, out(3), erased(5))
    assert typed.when(mailed).codes("P17") == {"mailed_after_opt_out"}


def test_it_goes_with_an_unlink() -> None:
    """The address is its own stream's again."""
    shop = Shop().given(KNOWN, HELD, JOINED, unlink(4, MAILBOX, fact_id="part"))
    assert shop.customer(ONE).contacts.current("email", LAST) is None
    assert audit(KNOWN, HELD, JOINED, unlink(4, MAILBOX, fact_id="part"), out(5), MAIL).status("P17") == "kept"


def test_it_can_be_given_up() -> None:
    """From then on it is nobody's of whom nothing was told with it since."""
    shop = Shop().given(KNOWN, JOINED, out(3), name_ended(4, MAILBOX))
    assert shop.customer(ONE).contacts.current("email", LAST) is None
    shop.given(contest_entry(5, subject=TWO, fact_id="next", values=VALUES))
    assert set(owed_at(shop.judge, shop.customer(TWO), LAST)) == {Program.EMAIL_MARKETING}


ELSEWHERE: Final = fact("opt_out", 2, {**PORTAL, "to": MAILBOX}, subject=GUEST, fact_id="elsewhere")
"""The opt-out of the address by a guest, before its name leads to anybody."""
ASKED: Final = contest_entry(4, reference="anew", values=VALUES, fact_id="asked")
TO_THEM: Final = message(5, fact_id="to-them")
OF_PEACE: Final = ("P11", "P17", "P18")


def said(*facts: Fact) -> list[str]:
    """Return what is said of mail to the person."""
    judged = audit(*facts)
    return [judged.status(promise) for promise in OF_PEACE]


@pytest.mark.parametrize("joined", [link(3, MAILBOX, fact_id="join"), link(3, ONE, subject=MAILBOX, fact_id="join")])
def test_who_was_linked_to_the_address_lifts_what_binds_it(joined: Fact) -> None:
    """Somebody vouched that it is theirs: they lift an opt-out from before the link, in any order of telling."""
    before = (KNOWN, HELD, ELSEWHERE)
    assert said(*before, ASKED, TO_THEM)[1:] == ["broken", "broken"]
    for told in ((*before, joined, ASKED, TO_THEM), (KNOWN, ASKED, HELD, joined, TO_THEM, ELSEWHERE)):
        assert said(*told) == ["kept", "kept", "kept"]
    shop = Shop().given(*before, ASKED, joined)
    assert Program.EMAIL_MARKETING not in owed_at(shop.judge, shop.customer(ONE), LAST)


def test_a_link_lifts_nothing_from_before_it_or_of_another_address() -> None:
    """What was asked before the link was asked by nobody verified; another mailbox is not theirs by it."""
    late = link(4.5, MAILBOX, fact_id="join")
    assert said(KNOWN, HELD, ELSEWHERE, ASKED, late, TO_THEM)[1:] == ["broken", "broken"]
    other = link(3, "email:other@example.com", fact_id="join")
    assert said(KNOWN, HELD, ELSEWHERE, other, ASKED, TO_THEM)[1:] == ["broken", "broken"]
    number = link(3, TWO, fact_id="join")
    assert said(KNOWN, HELD, ELSEWHERE, number, ASKED, TO_THEM)[1:] == ["broken", "broken"]


def test_nothing_lifted_by_the_link_alone_is_kept_after_an_unlink() -> None:
    """What the link had permitted is undecided, and the address is out again from then on."""
    told = (
        KNOWN,
        HELD,
        ELSEWHERE,
        link(3, MAILBOX, fact_id="join"),
        ASKED,
        TO_THEM,
        unlink(6, MAILBOX, fact_id="part"),
    )
    assert said(*told)[1:] == ["indeterminate", "indeterminate"]
    assert {"P17", "P18"} <= audit(*told, message(7, fact_id="later")).broken()


def test_a_name_that_was_given_up_verifies_nobody() -> None:
    """After its end a link from before it says nothing of whose the address is."""
    ended = name_ended(3.5, MAILBOX, subject=ONE, fact_id="end")
    told = (KNOWN, HELD, ELSEWHERE, link(3, MAILBOX, fact_id="join"), ended, ASKED, TO_THEM)
    assert said(*told)[1:] == ["broken", "broken"]


def test_an_age_told_under_an_address_is_its_persons_alone() -> None:
    """It is about the person and not about the address: it binds who is linked to it, and nobody else who has it."""
    aged = fact("age_learned", 2, {"under": 13}, subject=MAILBOX, fact_id="aged")
    shop = Shop().given(KNOWN, HELD, aged)
    assert shop.customer(MAILBOX).is_known_child(LAST)
    assert not shop.customer(GUEST).is_known_child(LAST)
    assert shop.given(link(3, MAILBOX, fact_id="join")).customer(ONE).is_known_child(LAST)
    assert not shop.customer(GUEST).is_known_child(LAST)
