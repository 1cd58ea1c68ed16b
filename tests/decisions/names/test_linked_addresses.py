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
