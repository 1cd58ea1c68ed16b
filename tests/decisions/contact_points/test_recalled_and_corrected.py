"""An opt-out by an address outlives the erasure of who told it, and reaches the address that somebody corrected to.

Each is told in several orders, for each program and by each kind of act: who opted out is out, everywhere.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

import pytest

from domain.events.customer import CustomerEnrolled
from domain.vocabulary import ADDRESS, EMAIL, Program
from tests.controls import collection, fact, message, opt_out
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, GUEST, MAILBOX = "customer:1", "customer:2", "guest:F-1", "email:ada@example.com"
BOTH: Final = {EMAIL: "ada@example.com", ADDRESS: "1 Lantern Row"}
MAIL, POST = "email_marketing", "physical_mailings"
WAYS_IN: Final = [(MAIL, "order"), (MAIL, "contest_entry"), (MAIL, "promotional_request"), (POST, "catalog_request")]
CHANNEL: Final = {MAIL: "email", POST: "post"}
BROKEN: Final = {MAIL: {"P17", "P18"}, POST: {"P20"}}


def erased(on: float, subject: str = MAILBOX) -> Fact:
    """Return an erasure."""
    return fact("erasure", on, {"reason": "asked"}, subject=subject)


def asked(act: str, on: float, subject: str = ONE, **data: Any) -> Fact:  # noqa: ANN401 - any field of a collection
    """Return a collection with both addresses, under a reference of its own."""
    return collection(act, on, subject=subject, **{"reference": f"{act}-{on}", "values": BOTH, **data})


def mailed(program: str, on: float, subject: str = ONE) -> Fact:
    """Return a message of a program."""
    return message(on, subject=subject, channel=CHANNEL[program])


def broken_by(shop: Shop, told: Fact) -> set[str]:
    """Return the promises that a fact is found to break."""
    return {found.promise for found in shop.when(told).findings}


@pytest.mark.parametrize(("program", "act"), WAYS_IN)
@pytest.mark.parametrize("name", [ONE, GUEST, "phone:+441632960001"])
def test_a_recalled_opt_out_stands_after_what_enrolls(program: str, act: str, name: str) -> None:
    """Under a new name, with the address among the values and then in `also`, the person is out and stays out."""
    shop = Shop().given(opt_out(1, program, subject=MAILBOX), erased(2))
    for on, also in ((3, []), (4, [MAILBOX])):
        outcome = shop.when(asked(act, on, name, also=also))
        assert not [event for event in outcome.events if isinstance(event, CustomerEnrolled)]
        assert not shop.is_enrolled(program, subject=name)
        assert shop.judge.opted_out(shop.customer(name), Program(program), outcome.events[0].moment)
    assert broken_by(shop, mailed(program, 5, name)) >= BROKEN[program]


@pytest.mark.parametrize(("program", "act"), WAYS_IN)
def test_a_recalled_opt_out_told_in_every_order(program: str, act: str) -> None:
    """Whichever of the two is told first, the opt-out of the address binds what happened after it."""
    facts = [opt_out(1, program, subject=MAILBOX), asked(act, 3), asked("order", 0.5, TWO)]
    for told in permutations(facts):
        shop = Shop().given(*told, erased(4))
        assert not shop.is_enrolled(program), [one.type for one in told]
        assert broken_by(shop, mailed(program, 5)) >= BROKEN[program]


@pytest.mark.parametrize(("program", "act"), [one for one in WAYS_IN if one[1] != "order"])
def test_who_returns_under_the_erased_name_lifts_it(program: str, act: str) -> None:
    """They ask as themself; and a stranger who types the address before them does not."""
    shop = Shop().given(opt_out(1, program, subject=MAILBOX), erased(2), asked(act, 3, TWO))
    assert not shop.is_enrolled(program, subject=TWO)
    shop.given(asked(act, 4, MAILBOX))
    assert shop.is_enrolled(program, subject=MAILBOX)
    assert broken_by(shop, mailed(program, 5, MAILBOX)) == set()


def corrected(on: float, value: str = "new@example.com") -> list[Fact]:
    """Return a request to correct the e-mail address, which was answered."""
    about = {"request": "R-1", "category": EMAIL}
    return [
        fact("correction_request", on, {**about, "shows_error": True}),
        fact("identity_verification", on + 0.1, {"request": "R-1", "method": "login", "passed": True}),
        fact("correction", on + 0.2, {**about, "value": value}),
    ]


@pytest.mark.parametrize(("program", "act"), WAYS_IN)
@pytest.mark.parametrize("told_by", ["email:new@example.com", "email:NEW@example.com"])
def test_an_opt_out_by_the_address_that_was_corrected_to(program: str, act: str, told_by: str) -> None:
    """It is no second person's: nobody is mailed there, and a trace of the same lines says so too."""
    facts = [asked(act, 1), *corrected(2), opt_out(3, program, subject=told_by)]
    assert broken_by(Shop().given(*facts), mailed(program, 4)) == BROKEN[program]
    found = audit(*facts, mailed(program, 4)).broken()
    assert found >= BROKEN[program]
    assert "P11" not in found


def test_a_corrected_address_told_in_every_order() -> None:
    """The opt-out told before the correction, or before the collection, binds all the same."""
    first, (request, verified, correction) = asked("contest_entry", 1), corrected(2)
    left = opt_out(3, subject="email:new@example.com")
    for told in permutations([first, correction, left]):
        shop = Shop().given(request, verified, *told)
        assert broken_by(shop, message(4)) == BROKEN[MAIL], [one.type for one in told]
        assert not shop.is_enrolled(on=3.5)


def test_the_address_that_was_corrected_from_is_nobodys() -> None:
    """An opt-out by the old address, after the correction, reaches nobody's mail; one before it stays the person's."""
    facts = [asked("contest_entry", 1), *corrected(2)]
    assert broken_by(Shop().given(*facts, opt_out(3, subject=MAILBOX)), message(4)) == set()
    assert broken_by(Shop().given(*facts, opt_out(1.5, subject=MAILBOX)), message(4)) == BROKEN[MAIL]
