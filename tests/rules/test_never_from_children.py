"""Rule kind never_from_children: what is collected of a known child, and what must be erased by when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.events.refused import CollectionRefused
from domain.policy.status import Status
from domain.rules.never_from_children import NeverFromChildren
from domain.vocabulary import Act
from tests.controls import (
    CUSTOMER,
    OTHER,
    age_learned,
    collection,
    contest_entry,
    day,
    gift,
    named,
    order,
)
from tests.scenario import Settled, judging

if TYPE_CHECKING:
    from tests.scenario import Shop

RULE = NeverFromChildren()
LEARNED = named("age_learned", 2)
SECOND = 1 / 24 / 3600


def recalled(shop: Shop, since: float) -> Shop:
    """Let a person be met as a child who was erased before, known to be one since a day."""
    return shop.given(age_learned(since)).erase(since)


def test_broken() -> None:
    """Whatever a known child gives breaks, and names the fact by which that became known."""
    shop = judging(RULE).given(age_learned(2))
    for number, act in enumerate(act for act in Act if act is not Act.GIFT):
        (found,) = shop.when(collection(act.value, 3 + number)).findings
        assert (found.code, found.events) == ("collected_from_child", (LEARNED,))


def test_enforced_it_is_refused() -> None:
    """Asked to be enforced, the collection is not made."""
    judging(RULE).given(age_learned(2)).when(order(3, mode="enforce")).then(CollectionRefused)


def test_kept_before_it_was_known() -> None:
    """What was collected before puts nothing to the test, nor what was at the instant itself."""
    shop = judging(RULE)
    before = [shop.when(order(1)).assert_breaks(), shop.when(contest_entry(2)).assert_breaks()]
    shop.given(age_learned(2))
    assert [(shop.again(outcome), shop.tests(outcome)) for outcome in before] == [(set(), False)] * 2
    shop.when(collection("account", 2)).assert_breaks()
    shop.when(collection("account", 3)).assert_breaks("X1")


def test_a_gift_comes_from_its_buyer() -> None:
    """Data about a child as the recipient of a gift was not collected from the child; a policy may say otherwise."""
    shop = judging(RULE).given(age_learned(2))
    assert shop.tests(shop.when(gift(3)).assert_breaks())
    judging(NeverFromChildren(except_acts=())).given(age_learned(2)).when(gift(3)).assert_breaks("X1")


def test_learned_late() -> None:
    """A fact that is recorded late counts from its own time."""
    shop = judging(RULE)
    outcome = shop.when(order(3)).assert_breaks()
    shop.given(age_learned(2))
    assert shop.again(outcome) == {"collected_from_child"}


@pytest.mark.parametrize("act", list(Act))
def test_open_until_the_erasure_is_due(act: Act) -> None:
    """What is held of a known child, from whatever act, is to be erased within 30 days, the last instant included."""
    shop = judging(RULE).given(collection(act.value, 1), age_learned(2))
    for on in (2, 20, 32):
        assert shop.settled(on) == [Settled(Status.OPEN, LEARNED, day(32))]


def test_erased_in_time() -> None:
    """An erasure up to the last instant keeps it, however late one looks."""
    for on in (2, 32):
        shop = judging(RULE).given(order(1), age_learned(2)).erase(on)
        assert shop.settled(100) == [Settled(Status.KEPT, LEARNED, day(on), events=("/shop erase",))]


def test_not_erased() -> None:
    """After the deadline it is broken from the deadline on; an erasure after it remedies and does not undo."""
    shop = judging(RULE).given(order(1), age_learned(2))
    broken = Settled(Status.BROKEN, LEARNED, day(32), "child_not_erased")
    assert shop.settled(32 + SECOND) == [broken]
    shop.erase(32 + SECOND)
    assert shop.settled(100) == [broken._replace(remedied="/shop erase")]


def test_the_time_is_a_parameter() -> None:
    """With no time at all, the erasure is due at once."""
    shop = judging(RULE, child_erasure_seconds=0).given(order(1), age_learned(2))
    assert shop.settled(2)[0].status is Status.OPEN
    assert shop.settled(2 + SECOND)[0].status is Status.BROKEN


def test_nothing_to_settle() -> None:
    """Of an adult, and of a child of whom nothing was ever collected, there is nothing to erase."""
    assert judging(RULE).given(order(1)).settled(100) == []
    assert judging(RULE).given(age_learned(2)).settled(100) == []


def test_what_is_collected_against_the_promise_must_go_too() -> None:
    """It is due with the rest; where there was nothing before it, and the time was over, its own time runs."""
    shop = judging(RULE).given(age_learned(2), order(10))
    assert shop.settled(20) == [Settled(Status.OPEN, LEARNED, day(32))]
    shop = judging(RULE).given(age_learned(2), gift(50), gift(60, "G-2"))
    assert shop.settled(60) == [Settled(Status.OPEN, LEARNED, day(80))]
    shop = judging(RULE).given(age_learned(2), gift(32))
    assert shop.settled(32) == [Settled(Status.OPEN, LEARNED, day(32))]


def test_who_returns_after_an_erasure() -> None:
    """The erasure answered for what was known; a collection breaks all the same, and a gift still does not."""
    shop = recalled(judging(RULE), 2)
    shop.when(gift(50)).assert_breaks()
    assert shop.settled(100) == []
    shop.when(order(51)).assert_breaks("X1")
    assert shop.settled(100) == []


def test_what_is_older_than_recalled_knowledge_must_still_go() -> None:
    """A collection from before, under another name that turns out to be theirs, is held of a known child."""
    shop = recalled(judging(RULE), 2).given(gift(50), order(1, subject=OTHER)).link(CUSTOMER, OTHER, 51)
    assert [(one.status, one.at) for one in shop.settled(100)] == [(Status.BROKEN, day(32))]


def test_links_carry_what_is_known() -> None:
    """A child's other record must go too; the earliest knowledge counts, and how it was had."""
    shop = judging(RULE).given(order(1), age_learned(5), collection("account", 1, subject=OTHER))
    shop.link(OTHER, CUSTOMER, 6)
    assert shop.settled(10, OTHER) == [Settled(Status.OPEN, named("age_learned", 5), day(35))]
    shop = recalled(judging(RULE), 2).given(collection("account", 4, subject=OTHER))
    assert shop.link(OTHER, CUSTOMER, 6).settled(100, OTHER) == []


def test_the_last_day_that_there_is() -> None:
    """A deadline beyond the calendar is its last instant, and no error."""
    last = 2_916_000  # The last days of the year 9999.
    shop = judging(RULE).given(order(1), age_learned(last))
    assert shop.settled(last)[0].status is Status.OPEN
