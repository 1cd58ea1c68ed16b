"""What protects the erased and is told late reaches all that was theirs: every name, and every contact point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from domain import ledger
from domain.events.customer import CustomerErased
from domain.events.suppressions import SuppressionRecalled
from domain.moments import end_of
from domain.records.customer import LAST
from domain.suppressed import Age, Objection
from domain.suppressions import owed_at
from domain.vocabulary import EMAIL, PHONE, Program
from tests.controls import contest_entry, day, fact, link, message, name_ended, objection, order
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact
    from domain.suppressed import Suppressed

ONE, TWO, ORDER, GUEST = "customer:1", "customer:2", "order:O-2", "guest:F-1"
MAILBOX, NUMBER = "email:ada@example.com", "phone:+442079460018"
VALUES: Final = {EMAIL: "ada@example.com", PHONE: "+442079460018"}
OTHERS: Final = {EMAIL: "other@example.com"}
KNOWN: Final = (
    order(1, values=VALUES),
    order(1, "O-2", values=OTHERS, subject=ORDER, fact_id="theirs"),
    link(2, ORDER),
)
"""Somebody with a number, an order under its own number, two addresses and a telephone number."""
PORTAL: Final = {"program": "email_marketing", "via": "portal"}
ERASED: Final = fact("erasure", 5, {"reason": "asked"}, subject=ONE)
NAMES: Final = (ONE, ORDER)
POINTS: Final = ("ada@example.com", "other@example.com")


def out(on: float, subject: str) -> Fact:
    """Return an opt-out that names no address."""
    return fact("opt_out", on, PORTAL, subject=subject)


def owed(shop: Shop, subject: str) -> set[Suppressed]:
    """Return what the one who has a name is owed."""
    return set(owed_at(shop.judge, shop.customer(subject), LAST))


def mail(address: str, on: float = 40) -> Fact:
    """Return mail that is told under an address."""
    return message(on, subject=f"email:{address}", fact_id=f"mail {address}")


def breaks(shop: Shop, told: Fact) -> bool:
    """Tell of something, and return whether it breaks an opt-out."""
    return bool({one.promise for one in shop.when(told).findings} & {"P17", "P18"})


@pytest.mark.parametrize("teller", [*NAMES, MAILBOX, "email:other@example.com", NUMBER])
def test_it_reaches_every_name_and_every_address(teller: str) -> None:
    """Under each of them: who comes back is met, and mail to the addresses breaks it."""
    facts = [*KNOWN, ERASED, out(3, teller)]
    for name in NAMES:
        shop = Shop().given(*facts, order(6, "O-6", values={EMAIL: "new@example.com"}, subject=name))
        assert owed(shop, name) == {Program.EMAIL_MARKETING}
    for address in POINTS:
        told = mail(address)
        assert breaks(Shop().given(*facts), told)
        assert audit(*facts, told).breaches("P17") == [told.name]
        assert not breaks(Shop().given(*facts[:-1]), told)


def test_who_came_back_before_it_was_told() -> None:
    """Under another name of theirs: they are told of it there, once."""
    back = order(6, "O-2", values={EMAIL: "new@example.com"}, subject=ORDER, fact_id="back")
    shop = Shop().given(*KNOWN, ERASED, back)
    late = shop.when(out(3, ONE))
    assert [type(one) for one in late.events[1:]] == [CustomerErased, SuppressionRecalled]
    assert owed(shop, ORDER) == {Program.EMAIL_MARKETING}
    assert not shop.is_enrolled(subject=ORDER)


@pytest.mark.parametrize(
    ("late", "expected"),
    [(objection(3), Objection("posters")), (fact("age_learned", 3, {"under": 13}), Age.UNDER_13)],
)
def test_objections_and_ages(late: Fact, expected: Suppressed) -> None:
    """They are owed to the other names too; an age binds no address."""
    shop = Shop().given(*KNOWN, ERASED, late, order(6, "O-2", values={EMAIL: "new@example.com"}, subject=ORDER))
    assert owed(shop, ORDER) == {expected}
    shop.given(order(7, "O-9", values=VALUES, subject=TWO))
    assert owed(shop, TWO) == ({expected} if isinstance(expected, Objection) else set())


def test_a_guests_form_with_an_address_of_theirs() -> None:
    """It is theirs from then on: what is told late of it, with no address, reaches them, and the other way round."""
    form = order(3, "F-1", values=VALUES, subject=GUEST)
    shop = Shop().given(*KNOWN, ERASED, form, out(4, GUEST), order(6, "O-6", values=VALUES))
    assert owed(shop, ONE) == {Program.EMAIL_MARKETING}
    shop = Shop().given(*KNOWN, ERASED, form, out(4, ONE), order(6, "O-6", values=OTHERS, subject=GUEST))
    assert owed(shop, GUEST) == {Program.EMAIL_MARKETING}


def test_an_address_that_somebody_living_holds() -> None:
    """They are not taken for the erased person: it waits there until they are gone."""
    answered = fact("contact_confirmed", 1.5, {"contact": MAILBOX, "method": "contact_confirmed"}, subject=TWO)
    told = [*KNOWN, contest_entry(1, values=VALUES, subject=TWO), answered, ERASED, out(3, ONE)]
    shop = Shop().given(*told)
    assert owed(shop, TWO) == set()
    assert not breaks(shop, mail("ada@example.com"))
    typed = [*told[:-3], *told[-2:], mail("ada@example.com")]
    assert audit(*typed).status("P17") == "indeterminate"  # They may have typed it.
    gone = fact("erasure", 7, {"reason": "asked"}, subject=TWO, fact_id="gone")
    assert breaks(Shop().given(*told, gone), mail("ada@example.com"))
    assert not breaks(Shop().given(*told[:-1], gone), mail("ada@example.com"))


@pytest.mark.parametrize(
    ("teller", "known", "status"),
    [(ONE, KNOWN, "indeterminate"), (ORDER, KNOWN, "indeterminate"), (ORDER, KNOWN[1:2], "kept")],
)
def test_somebody_without_a_number_typed_an_address(teller: str, known: tuple[Fact, ...], status: str) -> None:
    """An opt-out of somebody with a number may reach them, as without the erasure; another one is not theirs."""
    held = OTHERS if known != KNOWN else VALUES
    told = [*known, contest_entry(1, values=held, subject=GUEST, fact_id="guest"), ERASED, out(3, teller)]
    if known != KNOWN:
        told[2] = fact("erasure", 5, {"reason": "asked"}, subject=ORDER)
    mailed = message(40, subject=GUEST, fact_id="mailed")
    assert audit(*told[:-1], mailed).status("P17") == "kept"
    assert audit(*told, mailed).status("P17") == status
    asked = message(40, subject=GUEST, fact_id="asked")
    shop = Shop().given(*told)
    assert bool(ledger.ask(shop.store, asked, shop.sender)) == (status != "kept")


def test_it_is_told_under_an_address_of_two_who_were_erased() -> None:
    """The address was current for both, so both are met, also while the second one may have typed it."""
    told = [*KNOWN, contest_entry(1, values=VALUES, subject=TWO), ERASED]
    gone = fact("erasure", 7, {"reason": "asked"}, subject=TWO, fact_id="gone")
    back = [order(8, "O-8", values={EMAIL: f"{name[-1]}@example.com"}, subject=name) for name in (ONE, TWO)]
    shop = Shop().given(*told, gone, out(3, MAILBOX), *back)
    assert [owed(shop, name) for name in (ONE, TWO)] == [{Program.EMAIL_MARKETING}] * 2
    shop = Shop().given(*told, out(3, MAILBOX), back[0])
    assert [owed(shop, name) for name in (ONE, TWO)] == [{Program.EMAIL_MARKETING}] * 2


def test_nobody_else_is_met() -> None:
    """Neither somebody who was erased apart from them, nor the same person for what happened after the erasure."""
    other = contest_entry(1, values={EMAIL: "bea@example.com"}, subject=TWO)
    gone = fact("erasure", 5, {"reason": "asked"}, subject=TWO, fact_id="gone")
    shop = Shop().given(*KNOWN, other, ERASED, gone, out(3, ONE))
    assert not breaks(shop, mail("bea@example.com"))
    shop.given(contest_entry(6, values=OTHERS, subject=TWO))
    assert Program.EMAIL_MARKETING not in {
        what for what, one in owed_at(shop.judge, shop.customer(TWO), LAST).items() if not one.is_elsewhere
    }
    shop = Shop().given(*KNOWN, ERASED, contest_entry(6, values=VALUES), out(7, ONE), order(8, "O-2", subject=ORDER))
    assert owed(shop, ORDER) == set()


def test_somebody_who_was_erased_twice() -> None:
    """What is told late of the time before reaches what was theirs in either life."""
    again = [contest_entry(6, values={EMAIL: "new@example.com"}), fact("erasure", 7, {"reason": "asked"}, subject=ONE)]
    shop = Shop().given(*KNOWN, ERASED, *again, out(3, ONE))
    for address in (*POINTS, "new@example.com"):
        assert breaks(shop, mail(address))


@pytest.mark.parametrize(("on", "is_met"), [(2.5, True), (3.5, False)])
def test_a_name_that_had_been_given_up(on: float, *, is_met: bool) -> None:
    """The one who has the name next is met by what is told of the time before it was given up, and by nothing later."""
    told = [*KNOWN, name_ended(3, ORDER), name_ended(3, MAILBOX), ERASED, out(on, ONE)]
    shop = Shop().given(*told, order(6, "O-2", values={EMAIL: "new@example.com"}, subject=ORDER))
    assert (owed(shop, ORDER) == {Program.EMAIL_MARKETING}) == is_met
    assert breaks(shop, mail("ada@example.com")) == is_met
    assert breaks(shop, mail("other@example.com"))


def test_who_comes_back_and_asks_anew_lifts_it() -> None:
    """As their own, and at the address with which they ask, in either order of telling."""
    asked = contest_entry(6, values=VALUES, reference="anew")
    for told in ((out(3, ORDER), asked), (asked, out(3, ORDER))):
        shop = Shop().given(*KNOWN, ERASED, *told)
        assert owed(shop, ONE) == set()
        assert not breaks(shop, mail("ada@example.com"))
        shop.given(fact("erasure", 20, {"reason": "asked"}, subject=ONE, fact_id="again"))
        assert not breaks(shop, mail("ada@example.com"))
        assert breaks(shop, mail("other@example.com"))


def test_it_is_owed_since_its_own_time() -> None:
    """The one who came back is met by it since then, whichever name it was told under."""
    shop = Shop().given(*KNOWN, ERASED, out(3, MAILBOX), order(6, "O-2", values=OTHERS, subject=ORDER))
    change = shop.judge.opted_out(shop.customer(ORDER), Program.EMAIL_MARKETING, end_of(day(7)))
    assert change is not None
    assert change.moment.at == day(3)


TYPED: Final = (fact("opt_out", 3, PORTAL), fact("age_learned", 3, {"under": 13}))


@pytest.mark.parametrize("late", TYPED, ids=["out", "age"])
def test_an_address_beside_a_guests_name_reaches_nobody(late: Fact) -> None:
    """Anybody could type it: it reaches nobody erased, nobody who came back, and no address that nobody has."""
    also = ["email:ada@example.com", "email:stranger@example.com"]
    data = {**late.data.model_dump(mode="json", exclude_defaults=True), "also": also}
    typed = fact(late.type.split(".")[1], 3, data, subject=GUEST, fact_id="typed")
    own = order(1, "O-9", values={EMAIL: "guest@example.com"}, subject=GUEST)
    erased = own, fact("erasure", 5, {"reason": "x"}, subject=GUEST, fact_id="guest-gone")
    for of_guest in ((), erased):  # The guest's own name may be an erased one's.
        shop = Shop().given(*KNOWN, ERASED, *of_guest, order(6, "O-6", values=VALUES), typed)
        assert owed(shop, ONE) == set()
        assert breaks(shop, mail("stranger@example.com")) is (not of_guest and late.type == "pledger.opt_out.v1")
