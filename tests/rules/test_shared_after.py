"""Rule kind shared_after: kept, broken, what it does not bind, and its edges of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.policy.judge import Judge
from domain.rules.opt_out_permanent import OptOutPermanent
from domain.rules.shared_after import SharedAfter
from domain.vocabulary import EMAIL, Act, Program, Reading, Role, ShareKind
from tests.controls import (
    OTHER,
    RECIPIENTS,
    contest_entry,
    fact,
    named,
    objection,
    offer,
    opt_out,
    order,
    purpose,
    recipient,
    share,
)
from tests.scenario import Shop, judging, with_rule

if TYPE_CHECKING:
    from domain.facts import Fact

DAY = 24 * 3600
SECOND = 1 / DAY
TEN_DAYS = SharedAfter(roles=(Role.ADVERTISER,), period_seconds=10 * DAY)
LEAVING_TOO = TEN_DAYS.model_copy(update={"programs": (Program.EMAIL_MARKETING,)})
SALES_TOO = TEN_DAYS.model_copy(update={"kinds": (ShareKind.SALE,)})


def shared(on: float, to: str = "advertiser", **data: Any) -> Fact:  # noqa: ANN401 - any field of a share
    """Return an address to a recipient, for advertisements: `/shop share-1`."""
    return share(on, to, [EMAIL], **{"purpose": "deliver_ads", **data})


@pytest.mark.parametrize("reading", Reading)
def test_kept_once_the_period_is_over(reading: Reading) -> None:
    """At the instant at which the period ends a share is allowed, and a second before it is not."""
    shop = Shop(judge=Judge(with_rule(TEN_DAYS), reading)).given(*RECIPIENTS, order(1), offer(2, "deliver_ads"))
    (found,) = shop.when(shared(12 - SECOND)).findings
    assert (found.code, found.events) == ("no_offer", (named("offer", 2),))
    for on in (12, 400):
        assert shop.tests(shop.when(shared(on)).assert_breaks())


@pytest.mark.parametrize("reading", Reading)
def test_broken_after_an_objection(reading: Reading) -> None:
    """Whoever said no is never shared, during the period or after it, and a new offer changes nothing."""
    shop = Shop(judge=Judge(with_rule(TEN_DAYS), reading)).given(*RECIPIENTS, order(1), offer(2, "deliver_ads"))
    shop.given(objection(5, "deliver_ads"))
    assert shop.when(shared(6)).codes("X1") == {"no_offer", "objected"}
    (found,) = shop.when(shared(20)).findings
    assert (found.code, found.events) == ("objected", (named("objection", 5),))
    assert shop.given(offer(30, "deliver_ads")).when(shared(50)).codes("X1") == {"objected"}


def test_broken_without_being_told() -> None:
    """Nobody told, or told of another purpose: the time has not begun."""
    shop = judging(TEN_DAYS).given(*RECIPIENTS, order(1))
    (found,) = shop.when(shared(100)).findings
    assert (found.code, found.events) == ("no_offer", ())
    shop.given(offer(101, "direct_marketing"))
    assert shop.when(shared(200)).codes("X1") == {"no_offer"}


def test_each_offer_counts_for_itself() -> None:
    """The oldest decides: told again, the period does not begin anew."""
    shop = judging(TEN_DAYS).given(*RECIPIENTS, order(1), offer(2, "deliver_ads"), offer(11, "deliver_ads"))
    shop.when(shared(12)).assert_breaks()


def test_not_exercised_by_what_it_does_not_bind() -> None:
    """Recipients in other roles, unregistered ones, and those whose registration ended need not wait."""
    shop = judging(TEN_DAYS).given(*RECIPIENTS, order(1))
    for to in ("carrier", "nobody"):
        assert not shop.tests(shop.when(shared(2, to)).assert_breaks())
    shop.given(fact("recipient_ended", 3, {"recipient": "advertiser"}, subject=None))
    assert not shop.tests(shop.when(shared(4)).assert_breaks())


def test_a_recipient_in_several_roles() -> None:
    """Who is an advertiser beside something else has to wait for whatever it is."""
    both = {"recipient": "both", "roles": ["carrier", "advertiser"], "categories": [EMAIL]}
    shop = judging(TEN_DAYS).given(fact("recipient_registered", 0, both, subject=None), order(1))
    assert shop.when(shared(2, "both", purpose="deliver_order")).codes("X1") == {"no_offer"}


def test_a_capacity_binds_whoever_gets_it() -> None:
    """With `kinds`, a sale waits whichever role the recipient has, and an unregistered one too."""
    shop = judging(SALES_TOO).given(*RECIPIENTS, order(1))
    for to in ("carrier", "nobody"):
        assert shop.when(shared(2, to, kind="sale")).codes("X1") == {"no_offer"}
        shop.when(shared(2, to, kind="third_party")).assert_breaks()
    judging(TEN_DAYS).given(order(1)).when(shared(2, "nobody", kind="sale")).assert_breaks()


def test_it_binds_what_the_policy_does_not_describe_too() -> None:
    """A purpose of the company's own is waited for like any other."""
    shop = judging(TEN_DAYS).given(*RECIPIENTS, purpose(0, unrelated=False), order(1), offer(2))
    shop.when(shared(5, purpose="posters")).assert_breaks("X1")
    shop.when(shared(12, purpose="posters")).assert_breaks()


def test_who_left_a_program() -> None:
    """With `programs`, to leave one is to say no, with the first opt-out as evidence; by itself it is none."""
    for rule, codes in ((LEAVING_TOO, {"shared_after_leaving"}), (TEN_DAYS, set())):
        shop = judging(rule).given(*RECIPIENTS, contest_entry(1), offer(2, "deliver_ads"), opt_out(5), opt_out(6))
        outcome = shop.when(shared(20))
        assert outcome.codes("X1") == codes
        assert [found.events for found in outcome.findings] == [(named("opt_out", 5),)] * len(codes)


def test_who_left_another_program() -> None:
    """Only the programs that are named count."""
    shop = judging(LEAVING_TOO).given(*RECIPIENTS, contest_entry(1), offer(2, "deliver_ads"))
    shop.given(opt_out(5, "physical_mailings")).when(shared(20)).assert_breaks()


def test_who_came_back() -> None:
    """Asking anew undoes the leaving, by the acts that reopen the program, and the offer of before still counts."""
    policy = with_rule(LEAVING_TOO)
    closed = OptOutPermanent(program=Program.EMAIL_MARKETING, reopened_by=(Act.CONTEST_ENTRY,))
    promises = (*policy.promises, policy.promises[0].model_copy(update={"id": "X2", "rule": closed}))
    for again, broken in ((order(8), ("X1",)), (contest_entry(8, reference="again"), ())):
        shop = Shop(policy.model_copy(update={"promises": promises}))
        shop.given(*RECIPIENTS, contest_entry(1), offer(2, "deliver_ads"), opt_out(5), again)
        shop.when(shared(20)).assert_breaks(*broken)


def test_time_alone_decides_nothing() -> None:
    """The period is the person's, and no deadline of the company's: nothing is open while it runs."""
    shop = judging(TEN_DAYS).given(*RECIPIENTS, order(1), offer(2, "deliver_ads"))
    assert [shop.settled(on) for on in (5, 12, 100)] == [[], [], []]


def test_at_one_instant_offer_and_objection_come_first() -> None:
    """Without a period, an offer, and then an objection, at the instant of the share comes before it."""
    at_once = TEN_DAYS.model_copy(update={"period_seconds": 0})
    shop = judging(at_once).given(*RECIPIENTS, order(1))
    early = shop.when(shared(2)).assert_breaks("X1")
    shop.given(offer(2, "deliver_ads"))
    between = shop.when(shared(2)).assert_breaks()
    shop.given(objection(2, "deliver_ads"))
    assert shop.when(shared(2)).codes("X1") == {"objected"}
    assert shop.again(early) == shop.again(between) == {"objected"}


def test_late_facts_count_at_their_own_time() -> None:
    """What was found at append is judged anew with an offer, an objection and a registration that came late."""
    shop = judging(TEN_DAYS).given(order(1))
    outcome = shop.when(shared(20)).assert_breaks()
    shop.given(recipient(0, "advertiser", "advertiser", [EMAIL]))
    assert shop.again(outcome) == {"no_offer"}
    shop.given(offer(10, "deliver_ads"))
    assert shop.again(outcome) == set()
    shop.given(objection(19, "deliver_ads"))
    assert shop.again(outcome) == {"objected"}


def test_an_offer_to_another_person() -> None:
    """Everybody is told for themselves."""
    shop = judging(TEN_DAYS).given(*RECIPIENTS, order(1), offer(2, "deliver_ads", subject=OTHER))
    shop.when(shared(20)).assert_breaks("X1")


def test_it_can_be_enforced() -> None:
    """A share a second too early is refused, and done when the period is over."""
    shop = judging(TEN_DAYS).given(*RECIPIENTS, order(1), offer(2, "deliver_ads"))
    assert shop.when(shared(12 - SECOND, mode="enforce")).refused
    assert not shop.when(shared(12, mode="enforce")).refused
