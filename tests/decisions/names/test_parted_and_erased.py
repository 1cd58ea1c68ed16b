"""What protects somebody is told late, of the time when two records were one person's, and one of the two was erased.

It protects whoever it would have protected in time: the person who lives on, and whoever has the erased name next.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import pytest

from domain.events.suppressions import SuppressionRecalled
from domain.records.customer import LAST
from domain.suppressed import Age, Objection
from domain.suppressions import owed_at
from domain.vocabulary import EMAIL, Program
from tests.controls import (
    cancellation,
    contest_entry,
    fact,
    link,
    message,
    objection,
    opt_out,
    order,
    unlink,
)
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact
    from domain.suppressed import Suppressed

ONE, TWO, THREE = "customer:1", "customer:2", "customer:3"
OTHERS, THIRDS = {EMAIL: "two@example.com"}, {EMAIL: "three@example.com"}
BEFORE: Final = (contest_entry(1, fact_id="one"), order(1.1, "O-2", subject=TWO, fact_id="two", values=OTHERS))
LINK: Final = link(2, TWO, fact_id="join")
THIRD: Final = (order(1.2, "O-3", subject=THREE, fact_id="three", values=THIRDS), link(2.1, THREE, fact_id="third"))
AFTER: Final = 20.0


def erasure(on: float, subject: str = ONE, *, only: bool = True) -> Fact:
    """Return an erasure of one record: `/shop erase`."""
    told: dict[str, Any] = {"reason": "asked", **({"only": True} if only else {})}
    return fact("erasure", on, told, subject=subject, fact_id="erase")


def age(on: float, subject: str = ONE) -> Fact:
    """Return that somebody is under age: `/shop age`."""
    return fact("age_learned", on, {"under": 13}, subject=subject, fact_id="age")


def back(subject: str, on: float = AFTER) -> Fact:
    """Return an order of somebody who came back under a name."""
    return order(on, f"back-{subject}", subject=subject, fact_id=f"back {subject}", values={EMAIL: "new@example.com"})


def owed(shop: Shop, subject: str) -> set[Suppressed]:
    """Return what the one who has a name is owed."""
    return set(owed_at(shop.judge, shop.customer(subject), LAST))


PARTED: Final = {
    "erased alone": (LINK, erasure(6)),
    "parted, then erased": (LINK, unlink(5, TWO, fact_id="part"), erasure(6, only=False)),
    "erased alone, of three": (*THIRD, link(2.2, TWO, fact_id="join"), erasure(6)),
    "both erased": (LINK, erasure(6), erasure(7, TWO, only=False).model_copy(update={"id": "gone"})),
    "parted, both erased": (
        LINK,
        unlink(5, TWO, fact_id="part"),
        erasure(6, only=False),
        erasure(7, TWO, only=False).model_copy(update={"id": "gone"}),
    ),
}
PROTECTING: Final = {
    "out": lambda who: opt_out(4, subject=who),
    "object": lambda who: objection(4, subject=who),
    "age": lambda who: age(4, who),
}


@pytest.mark.parametrize("teller", [ONE, TWO])
@pytest.mark.parametrize("what", PROTECTING)
@pytest.mark.parametrize("way", PARTED)
def test_late_is_as_in_order(way: str, what: str, teller: str) -> None:
    """Of the same people, living or erased, under the same names; and nobody is owed it if nothing was told."""
    joined, *parted = (*BEFORE, *PARTED[way])[:-1], (*BEFORE, *PARTED[way])[-1]
    facts = [*joined, *parted]
    first = next(n for n, one in enumerate(facts) if one.id in {"part", "erase"})
    told = PROTECTING[what](teller)
    names = (ONE, TWO, *((THREE,) if "three" in way else ()))
    expected = {"out": Program.EMAIL_MARKETING, "object": Objection("posters"), "age": Age.UNDER_13}[what]
    found = []
    for history in ([*facts[:first], told, *facts[first:]], [*facts, told], facts):
        shop = Shop().given(*history)
        erased = [name for name in names if not history_leads(shop, name)]
        assert ONE in erased
        shop.given(*map(back, erased))
        found.append([expected in owed(shop, name) for name in names])
    assert found[0] == found[1] == [True] * len(names)
    assert found[2] == [False] * len(names)


def history_leads(shop: Shop, name: str) -> bool:
    """Return whether a name leads to somebody living."""
    return not shop.customer(name).erased


@pytest.mark.parametrize("way", PARTED)
@pytest.mark.parametrize("teller", [ONE, TWO])
def test_mail_afterwards(way: str, teller: str) -> None:
    """An audit says the same of it in either order of telling."""
    facts = [*BEFORE, *PARTED[way]]
    first = next(n for n, one in enumerate(facts) if one.id in {"part", "erase"})
    told = opt_out(4, subject=teller)
    erased = [ONE, *((TWO,) if "both" in way else ())]
    mails = [message(AFTER + 1 + n, subject=name, fact_id=f"mail {n}") for n, name in enumerate((ONE, TWO))]
    more = [*map(back, erased), *mails]
    in_order, late, never = (
        audit(*history, *more, as_of=60) for history in ([*facts[:first], told, *facts[first:]], [*facts, told], facts)
    )
    for promise in ("P11", "P17", "P18"):
        assert late.breaches(promise) == in_order.breaches(promise) == ["/shop mail 0", "/shop mail 1"]
    assert never.breaches("P17") == []


def test_what_was_objected_to_is_not_done() -> None:
    """The purpose needs an offer, and an objection stands against it."""
    offered = fact("opt_out_offer", 10, {"purpose": "posters"}, subject=TWO)
    used = [offered, fact("use", 50, {"purpose": "posters", "categories": [EMAIL]}, subject=TWO)]
    purpose = fact("purpose_registered", 0.5, {"purpose": "posters", "unrelated": True})
    told = (purpose, *BEFORE, LINK, erasure(6))
    assert audit(*told, objection(4), *used).broken() > audit(*told, *used).broken()


def test_since_when() -> None:
    """Since its own time for the one who goes on; since the unlink for one who was parted."""
    alone = Shop().given(*BEFORE, *PARTED["erased alone"], opt_out(4))
    apart = Shop().given(*BEFORE, *PARTED["parted, then erased"], opt_out(4))
    for shop, on in ((alone, 4), (apart, 5)):
        events = chain.from_iterable(shop.store.events.get(stream, ()) for stream in shop.customer(TWO).streams)
        recalled = [one for one in events if isinstance(one, SuppressionRecalled)]
        assert [one.occurred_at for one in recalled] == [opt_out(on).time]


def test_what_is_later_than_the_unlink_is_ones_own() -> None:
    """They were two by then; and of nobody else's record is anything known."""
    facts = [*BEFORE, *THIRD[:1], *PARTED["parted, then erased"]]
    shop = Shop().given(*facts, opt_out(5.5), back(ONE))
    assert owed(shop, TWO) == owed(shop, THREE) == set()
    assert owed(shop, ONE) == {Program.EMAIL_MARKETING}
    shop = Shop().given(*facts, opt_out(5.5, subject=TWO), back(ONE))
    assert owed(shop, ONE) == set()


def test_who_came_back_already() -> None:
    """They are told of it as the erased, whose name they have."""
    shop = Shop().given(*BEFORE, *PARTED["erased alone"], back(ONE, 8), opt_out(4, subject=TWO))
    assert owed(shop, ONE) == owed(shop, TWO) == {Program.EMAIL_MARKETING}


@pytest.mark.parametrize("teller", [ONE, TWO])
def test_who_asked_anew_while_they_were_one(teller: str) -> None:
    """The living lifted it for both; what the erased one had asked for is gone, and lets nobody in."""
    asked = contest_entry(5, reference="anew", subject=TWO, fact_id="anew", values=OTHERS)
    told = opt_out(4, subject=teller)
    for facts in ([LINK, told, asked, erasure(6)], [LINK, asked, erasure(6), told]):
        shop = Shop().given(*BEFORE, *facts, back(ONE))
        assert owed(shop, TWO) == set()
        assert shop.is_enrolled(subject=TWO)


def test_the_address_of_the_erased() -> None:
    """It is bound as it was theirs."""
    mail = message(AFTER, subject="email:ada@example.com", fact_id="mail")
    for way in ("erased alone", "parted, then erased"):
        shop = Shop().given(*BEFORE, *PARTED[way])
        assert not shop.when(mail).codes("P17")
        shop = Shop().given(*BEFORE, *PARTED[way], opt_out(4, subject=TWO))
        assert shop.when(mail).codes("P17") == {"mailed_after_opt_out"}


def test_a_cancellation_told_under_the_erased_name() -> None:
    """The living record's order is no purchase any more."""
    cancelled = cancellation(4, "O-2")
    mail = message(AFTER, subject=TWO, fact_id="mail")
    late, in_order = (
        audit(*BEFORE, *facts, mail) for facts in ([LINK, erasure(6), cancelled], [LINK, cancelled, erasure(6)])
    )
    assert late.breaches("P11") == in_order.breaches("P11") == ["/shop mail"]
    other = Shop().given(*BEFORE, LINK, erasure(6), cancellation(4, "O-9"))
    assert other.is_enrolled(subject=TWO)
    apart = Shop().given(*BEFORE, *PARTED["parted, then erased"], cancelled)
    assert apart.is_enrolled(subject=TWO)


@pytest.mark.parametrize("way", ["erased alone", "parted, then erased"])
def test_it_reaches_those_without_a_number(way: str) -> None:
    """Who opted out had a number: a guest with the address that was current may be the same person."""
    guest = contest_entry(3, subject="guest:g", fact_id="guest", values=OTHERS)
    mail = message(AFTER, subject="guest:g", fact_id="mail")
    facts = [*BEFORE, guest, *PARTED[way]]
    assert audit(*facts, mail).status("P17") == "kept"
    portal = {"program": "email_marketing", "via": "portal"}
    for teller in (ONE, TWO) if way == "erased alone" else (TWO,):
        told = fact("opt_out", 4, portal, subject=teller)
        assert audit(*facts, told, mail).status("P17") == "indeterminate"
