"""What was passed on from somebody ends with it: at who was parted from them, who has a name next, an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.contract import parse_name
from domain.events.customer import CustomerEnrolled, EntryCorrected
from domain.events.suppressions import SuppressionEnded, SuppressionRecalled
from domain.moments import end_of
from domain.records.customer import LAST
from domain.suppressions import owed_at
from domain.vocabulary import EMAIL
from tests.controls import (
    age_learned,
    contest_entry,
    day,
    fact,
    link,
    message,
    name_ended,
    objection,
    opt_out,
    order,
    unlink,
)
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, NINE = "customer:1", "customer:2", "customer:9"
MAILBOX = "email:ada@example.com"
OTHERS = {EMAIL: "two@example.com"}
NEXT = {EMAIL: "next@example.com"}
PROTECTING = [
    opt_out(4, fact_id="said"),
    objection(4, fact_id="said"),
    age_learned(4).model_copy(update={"id": "said"}),
]
KINDS = ["opt-out", "objection", "age"]
JOINED = [
    contest_entry(1, fact_id="one"),
    order(2, "O-2", subject=TWO, fact_id="two", values=OTHERS),
    link(3, TWO, fact_id="join"),
]
PARTED = unlink(6, TWO, fact_id="part")


def annul(on: float, subject: str = ONE, entry: str = "said") -> Fact:
    """Return the annulment of a fact."""
    data = {"entry": {"source": "/shop", "id": entry}, "reason": "a mix-up"}
    return fact("entry_correction", on, data, subject=subject, fact_id=f"annul-{entry}")


def owes(shop: Shop, subject: str, on: float | None = None) -> set[object]:
    """Return what somebody is owed on a day, or in the end."""
    at = LAST if on is None else end_of(day(on))
    return set(owed_at(shop.judge, shop.customer(subject), at))


@pytest.mark.parametrize("said", PROTECTING, ids=KINDS)
@pytest.mark.parametrize("is_late", [False, True])
def test_to_who_was_parted(said: Fact, *, is_late: bool) -> None:
    """Told before the unlink or after it, it binds the other until the annulment, and not after it."""
    shop = Shop().given(*JOINED, *((PARTED, said) if is_late else (said, PARTED)))
    assert owes(shop, TWO)
    made = shop.when(annul(20)).events
    (ended,) = (event for event in made if isinstance(event, SuppressionEnded))
    assert ended.originator_id in shop.customer(TWO).streams
    assert (owes(shop, TWO), owes(shop, ONE)) == (set(), set())
    assert owes(shop, TWO, 19) == owes(shop, TWO, 10) != set()


@pytest.mark.parametrize("said", PROTECTING, ids=KINDS)
@pytest.mark.parametrize("name", [NINE, "guest:F-1", "order:O-7"])
def test_to_who_has_the_name_next(said: Fact, name: str) -> None:
    """Whether the next one was known when it was annulled, or comes only later; also of a time before the annulment."""
    said = said.model_copy(update={"subject": parse_name(name)})
    first, ends = order(1, subject=name), name_ended(5, name, subject=name)
    follows = order(6, "O-6", subject=name, values=NEXT)
    for told in ([follows, annul(20, name)], [annul(20, name), follows]):
        shop = Shop().given(first, said, ends, *told)
        assert (owes(shop, name), bool(owes(shop, name, 19))) == (set(), True)
        assert not shop.customer(name, on=4).streams.keys() & shop.customer(name).streams.keys()


@pytest.mark.parametrize("said", PROTECTING[:2], ids=KINDS[:2])
def test_at_the_address_that_was_given_up(said: Fact) -> None:
    """The one who is named with it since is bound no more."""
    facts = [contest_entry(1), said, name_ended(5, MAILBOX, fact_id="end"), order(6, "O-2", subject=TWO)]
    shop = Shop().given(*facts)
    assert owes(shop, TWO)
    shop.given(annul(20))
    assert owes(shop, TWO) == set()
    assert owes(shop, TWO, 19)


def test_what_somebody_else_is_owed_of_themself_stays() -> None:
    """Nothing but what came from the annulled fact ends."""
    theirs = opt_out(4.5, subject=TWO, fact_id="theirs")
    shop = Shop().given(*JOINED, PROTECTING[0], theirs, PARTED, annul(20))
    assert owes(shop, TWO)
    assert owes(shop, ONE)  # Theirs had protected this one through the link as well.


@pytest.mark.parametrize("first", ["said", "again"])
def test_another_that_says_the_same_goes_on(first: str) -> None:
    """Of two opt-outs the other one protects as before; once both are annulled, nothing is left of either."""
    again = opt_out(4.5, fact_id="again")
    last = {"said": "again", "again": "said"}[first]
    shop = Shop().given(*JOINED, PROTECTING[0], again, PARTED, annul(20, entry=first))
    assert owes(shop, TWO)
    assert owes(shop, ONE)
    shop.given(annul(21, entry=last))
    assert (owes(shop, TWO), owes(shop, ONE)) == (set(), set())


def test_it_ends_all_the_way() -> None:
    """From one to the other, and on to the one who has the other's number next."""
    ends = name_ended(8, TWO, subject=TWO, fact_id="end")
    follows = order(9, "O-9", subject=TWO, values=NEXT, fact_id="next")
    shop = Shop().given(*JOINED, PROTECTING[0], PARTED, ends, follows)
    assert owes(shop, TWO)
    made = shop.when(annul(20)).events
    assert sum(isinstance(event, SuppressionEnded) for event in made) == 2
    assert owes(shop, TWO) == owes(shop, ONE) == set()
    assert set(owed_at(shop.judge, shop.customer(TWO, on=7), LAST)) == set()
    own = opt_out(7, subject=TWO, fact_id="own")
    shop = Shop().given(*JOINED, PROTECTING[0], PARTED, own, ends, follows, annul(20))
    assert owes(shop, TWO)  # The one who had the number left by themself as well.


def test_the_enrollment_goes_on() -> None:
    """What only the other's opt-out had ended stands again, on their own order."""
    shop = Shop().given(*JOINED, PROTECTING[0], PARTED)
    assert not shop.is_enrolled(subject=TWO)
    made = shop.when(annul(20)).events
    assert {type(event) for event in made} >= {EntryCorrected, SuppressionEnded, CustomerEnrolled}
    assert shop.is_enrolled(subject=TWO)
    assert not shop.when(message(21, subject=TWO)).codes("P17")


def test_mail_is_judged_without_it_from_then_on() -> None:
    """In between it broke the promise, and that stays found."""
    mails = [message(on, subject=TWO, fact_id=f"mail-{on}") for on in (10, 21)]
    facts = [*JOINED, PROTECTING[0], PARTED, mails[0], annul(20), mails[1]]
    assert audit(*facts).breaches("P17") == ["/shop mail-10"]
    assert audit(*facts[:6], mails[1]).breaches("P17") == ["/shop mail-10", "/shop mail-21"]


def test_a_service_cannot_end_it_by_correcting_what_brought_it_along() -> None:
    """What was recalled stands before an order that opened the record; the order's correction is the order's alone."""
    first = order(1, subject=NINE)
    shop = Shop().given(first, opt_out(3, subject=NINE), name_ended(5, NINE, subject=NINE))
    opened = shop.when(order(6, "O-6", subject=NINE, values=NEXT, fact_id="opens")).events
    assert isinstance(opened[0], SuppressionRecalled)
    shop.given(annul(20, NINE, "opens"))
    assert owes(shop, NINE)


@pytest.mark.parametrize(("on", "status"), [(4.5, "not_broken"), (60, "broken")])
def test_an_age_that_was_annulled_in_time_asks_for_no_erasure(on: float, status: str) -> None:
    """Once the time to erase was over it was broken, and stays so."""
    facts = [order(1), PROTECTING[2], annul(on)]
    found = audit(*facts, as_of=90)
    late = {promise for promise in found.broken() if any("said" in one for one in found.breaches(promise))}
    assert bool(late) == (status == "broken")
    shop = Shop().given(*facts)
    assert shop.when(order(on + 1, "O-3", fact_id="after")).events[0].model_dump().get("withheld") is None
