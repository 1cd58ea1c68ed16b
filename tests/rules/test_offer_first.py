"""Rule kind offer_first: kept, broken, what it does not bind, and its edges of time."""

from __future__ import annotations

import pytest

from domain.rules.offer_first import OfferFirst
from domain.vocabulary import EMAIL
from tests.controls import contest_entry, fact, message, named, objection, offer, order, purpose, share, use
from tests.scenario import judging

ONLINE = OfferFirst()
ANYWHERE = OfferFirst(online_only=False)
ORDERED = {"reference": "O-1"}
SECOND = 1 / 24 / 3600


def test_kept() -> None:
    """Once the offer has stood for 30 days, to the second, the purpose may be followed, in each way."""
    shop = judging(ONLINE).given(purpose(0), order(1), offer(2))
    outcome = shop.when(use(32, "posters", **ORDERED)).assert_breaks()
    assert shop.tests(outcome)
    shop.when(share(33, "printer", [EMAIL], purpose="posters")).assert_breaks()
    shop.when(message(34, purpose="posters")).assert_breaks()


def test_broken_without_an_offer_or_too_soon() -> None:
    """No offer, none long enough before, or one of another purpose: it breaks, and says which offers there were."""
    shop = judging(ONLINE).given(purpose(0), order(1), offer(1, "raffles"))
    assert shop.when(use(2, "posters", **ORDERED)).codes("X1") == {"no_offer"}
    shop.given(offer(2))
    outcome = shop.when(message(32 - SECOND, purpose="posters"))
    assert [(found.code, found.events) for found in outcome.findings] == [("no_offer", (named("offer", 2),))]


def test_broken_after_an_objection() -> None:
    """An objection holds from its own moment on; an offer made after it changes nothing."""
    shop = judging(ONLINE).given(order(1), offer(1))
    shop.when(use(40, "posters", **ORDERED)).assert_breaks()
    shop.given(objection(41), offer(41, fact_id="again"))
    outcome = shop.when(share(41, "printer", [EMAIL], purpose="posters"))
    assert outcome.codes("X1") == {"objected"}
    assert shop.when(use(80, "posters", **ORDERED)).codes("X1") == {"objected"}
    assert shop.when(use(80, "raffles", [EMAIL])).codes("X1") == {"no_offer"}


def test_both_at_once() -> None:
    """Who objected and had never been offered anything is owed both."""
    shop = judging(ONLINE).given(order(1), objection(2))
    assert shop.when(use(3, "posters", **ORDERED)).codes("X1") == {"no_offer", "objected"}


@pytest.mark.parametrize("name", ["keep_books", "direct_marketing", "legal_obligation"])
def test_purposes_that_every_ledger_knows_are_not_bound(name: str) -> None:
    """What the policy describes is not unrelated, whatever was registered about its name."""
    shop = judging(ONLINE).given(purpose(0, name), order(1))
    assert not shop.tests(shop.when(use(2, name, **ORDERED)).assert_breaks())


def test_the_register_says_what_is_related() -> None:
    """A purpose is unrelated until it is registered as related, and from when it is registered as unrelated again."""
    shop = judging(ONLINE).given(order(1))
    shop.when(use(2, "sizing", **ORDERED)).assert_breaks("X1")
    shop.given(purpose(3, "sizing", unrelated=False))
    assert not shop.tests(shop.when(use(4, "sizing", **ORDERED)).assert_breaks())
    shop.given(fact("purpose_registered", 5, {"purpose": "sizing", "unrelated": True}, subject=None))
    shop.when(use(6, "sizing", **ORDERED)).assert_breaks("X1")


def test_offline_collections_alone_are_not_bound() -> None:
    """The promise is about what was provided online: a parameter widens it to everything."""
    for rule, broken in ((ONLINE, ()), (ANYWHERE, ("X1",))):
        shop = judging(rule).given(order(1, online=False))
        outcome = shop.when(use(2, "posters", **ORDERED)).assert_breaks(*broken)
        assert shop.tests(outcome) is bool(broken)
    shop = judging(ONLINE).given(order(1, online=False), contest_entry(1))
    cited = [{"act": "order", "reference": "O-1"}, {"act": "contest_entry", "reference": "contest_entry-1"}]
    shop.when(use(2, "posters", relying_on=cited)).assert_breaks("X1")


def test_what_relies_on_nothing_is_bound() -> None:
    """Nobody knows that such data came offline."""
    judging(ONLINE).when(use(2, "posters")).assert_breaks("X1")


def test_mail_in_a_program_relies_on_what_enrolled() -> None:
    """A message in a program was provided online if the collection that enrolled was."""
    for online, broken in ((True, ("X1",)), (False, ())):
        shop = judging(ONLINE).given(contest_entry(1, online=online))
        shop.when(message(2, purpose="posters", program="email_marketing")).assert_breaks(*broken)


def test_at_one_instant_offer_and_objection_come_first() -> None:
    """Without a time to wait, an offer, and then an objection, at the same instant comes before what is done."""
    shop = judging(ONLINE, unrelated_offer_seconds=0).given(order(1))
    early = shop.when(use(2, "posters", **ORDERED))
    shop.given(offer(2))
    between = shop.when(message(2, purpose="posters")).assert_breaks()
    shop.given(objection(2))
    assert shop.again(early) == shop.again(between) == {"objected"}
    assert shop.when(share(2, "printer", [EMAIL], purpose="posters")).codes("X1") == {"objected"}


def test_late_facts_count_at_their_own_time() -> None:
    """What was found at append is judged anew with what came late."""
    shop = judging(ONLINE).given(order(1))
    outcome = shop.when(use(40, "posters", **ORDERED)).assert_breaks("X1")
    shop.given(offer(2))
    assert shop.again(outcome) == set()
    shop.given(objection(39))
    assert shop.again(outcome) == {"objected"}
