"""Rule kind never_to_group: kept, broken, before and after the account, and whose recipient it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.events.customer import DataCollected
from domain.events.links import CustomersLinked
from domain.events.refused import ShareRefused
from domain.policy.loader import load_policy
from domain.policy.problems import PolicyInvalid
from domain.rules.common.kinds import KINDS
from domain.rules.never_to_group import NeverToGroup
from domain.vocabulary import CONTACT, EMAIL, NAME, Act
from tests.controls import (
    CUSTOMER,
    EMAIL_ONLY,
    OTHER,
    collection,
    fact,
    named,
    order,
    recipient,
    share,
)
from tests.scenario import Shop, judging

if TYPE_CHECKING:
    from domain.facts import Fact

RULE = NeverToGroup(group="google", categories=(CONTACT,), accounts=(Act.REGISTRATION, Act.ACCOUNT))
ADS = recipient(0, "ads", "advertiser", [EMAIL], group="google")
CARRIER = recipient(0, "carrier", "carrier", [NAME], group="post")
GIVEN = named("share", 2)


def account(on: float, act: str = "account", **data: str) -> Fact:
    """Return the collection that makes somebody an account holder."""
    return collection(act, on, values=EMAIL_ONLY, **data)


@pytest.mark.parametrize("act", ["account", "registration"])
def test_broken(act: str) -> None:
    """Contact data of an account holder to a recipient of the group breaks, and names the first such collection."""
    shop = judging(RULE).given(ADS, account(1, act), account(1.5))
    outcome = shop.when(share(2, "ads", [EMAIL], reference=None))
    (found,) = outcome.findings
    assert (found.code, found.events, found.about) == ("given_to_group", (named(act, 1),), None)
    assert shop.tests(outcome)


def test_kept() -> None:
    """Another recipient, other data, or somebody without an account: nothing is wrong."""
    shop = judging(RULE).given(ADS, CARRIER, order(1), account(1))
    shop.when(share(2, "carrier", [EMAIL])).assert_breaks()
    shop.when(share(3, "nobody", [EMAIL])).assert_breaks()
    assert not shop.tests(shop.when(share(4, "ads", [NAME])).assert_breaks())
    assert not shop.tests(shop.when(account(5)).assert_breaks())
    guest = judging(RULE).given(ADS, order(1))
    assert guest.tests(guest.when(share(2, "ads", [EMAIL])).assert_breaks())


def test_categories_that_overlap() -> None:
    """Part of a contact is contact data, and so is whatever can hold one; a hash is of its value's category."""
    shop = judging(RULE).given(ADS, account(1))
    for number, category in enumerate(("user.contact.address.street", "user.contact", "user")):
        shop.when(share(2 + number, "ads", [NAME, category], reference=None)).assert_breaks("X1")
    several = NeverToGroup(group="google", categories=(EMAIL, "user.contact.phone_number"), accounts=(Act.ACCOUNT,))
    judging(several).given(ADS, account(1)).when(share(2, "ads", [EMAIL], reference=None)).assert_breaks("X1")


def test_whose_recipient_it_is() -> None:
    """The group's own name counts without a register, in any case of letters; so does the group as registered then."""
    shop = judging(RULE).given(account(1))
    shop.when(share(2, "google", [EMAIL], reference=None)).assert_breaks("X1")
    shop.when(share(3, "maps", [EMAIL], reference=None)).assert_breaks()
    shop.given(recipient(4, "maps", "analytics", [EMAIL], group="Google"))
    shop.when(share(5, "maps", [EMAIL], reference=None)).assert_breaks("X1")
    shop.given(fact("recipient_ended", 6, {"recipient": "maps"}, subject=None))
    shop.when(share(7, "maps", [EMAIL], reference=None)).assert_breaks("X1")
    shop.given(fact("recipient_registered", 8, {"recipient": "maps", "roles": [], "categories": []}, subject=None))
    shop.when(share(9, "maps", [EMAIL], reference=None)).assert_breaks()


def test_an_account_that_is_opened_later() -> None:
    """Each earlier share was the breach, and the account shows it; the account itself is kept and enforced too."""
    shop = judging(RULE).given(ADS, CARRIER, order(1), share(2, "ads", [EMAIL]), share(3, "carrier", [EMAIL]))
    shop.given(share(4, "google", [EMAIL]))
    outcome = shop.when(account(5, mode="enforce"))
    assert not outcome.refused
    event = outcome.the(DataCollected)
    assert [(found.code, found.about, found.events) for found in outcome.findings] == [
        ("given_to_group", GIVEN, (named("account", 5),)),
        ("given_to_group", named("share", 4), (named("account", 5),)),
    ]
    assert not any(found.is_breach for found in event.findings)
    assert shop.again(outcome) == {"given_to_group"}


def test_only_the_first_account_shows_it() -> None:
    """What is shown once is not shown again; a share after the account was a breach by itself."""
    shop = judging(RULE).given(ADS, order(1), share(2, "ads", [EMAIL]))
    opened = shop.when(account(3)).events[0]
    shop.given(share(4, "ads", [EMAIL])).when(account(5, "registration")).assert_breaks()
    assert [shop.names[found.about or 0] for found in shop.judge.judge(shop.customer(), shop.company, opened)] == [
        GIVEN
    ]


def test_a_collection_that_opens_no_account_shows_nothing() -> None:
    """Which acts open one is a parameter."""
    shop = judging(NeverToGroup(group="google", categories=(CONTACT,), accounts=(Act.ACCOUNT,)))
    shop.given(ADS, order(1), share(2, "ads", [EMAIL])).when(account(3, "registration")).assert_breaks()
    shop.when(account(4)).assert_breaks("X1")


def test_a_share_is_refused_where_it_is_enforced() -> None:
    """Before it is made, a breach can be prevented."""
    shop = judging(RULE).given(ADS, account(1))
    shop.when(share(2, "ads", [EMAIL], reference=None, mode="enforce")).then(ShareRefused)


def test_at_one_instant_the_account_comes_first() -> None:
    """At one instant, an account told before the share makes it a breach, and so does one told after it."""
    shop = judging(RULE).given(ADS)
    outcome = shop.when(share(2, "ads", [EMAIL], reference=None)).assert_breaks()
    shop.when(account(2)).assert_breaks()
    assert shop.again(outcome)
    after = {"recipient": "ads", "purpose": "deliver_ads", "categories": [EMAIL]}
    shop.when(fact("share", 2, after, fact_id="after")).assert_breaks("X1")


def test_late_facts_count_at_their_own_time() -> None:
    """A share that is recorded late, from before the account, is the account's to show when it is judged again."""
    shop = judging(RULE).given(ADS)
    opened = shop.when(account(3)).assert_breaks()
    late = shop.when(share(2, "ads", [EMAIL], reference=None)).assert_breaks()
    assert (shop.again(opened), shop.again(late)) == ({"given_to_group"}, set())
    shop.given(account(1, "registration"))
    assert (shop.again(opened), shop.again(late)) == (set(), {"given_to_group"})


def test_a_group_that_is_registered_late() -> None:
    """The register counts from its own time: from before the share, it makes the share a breach; from after, not."""
    shop = judging(RULE).given(account(1))
    outcome = shop.when(share(2, "ads", [EMAIL], reference=None)).assert_breaks()
    shop.given(recipient(3, "ads", "advertiser", [EMAIL], group="google"))
    assert shop.again(outcome) == set()
    shop.given(ADS)
    assert shop.again(outcome) == {"given_to_group"}


def shown_by_link(shop: Shop) -> list[tuple[str | None, tuple[str, ...]]]:
    """Return the shares that a link on day 9 shows to have been breaches, each with the account."""
    customer = shop.customer()
    linked = shop.make(CustomersLinked, 9, person=customer.person, others=())
    names = {**shop.names, linked.moment.position: linked.fact}
    return [
        (names[found.about or 0], tuple(names[one] for one in found.events))
        for found in shop.judge.judge(customer, shop.company, linked)
    ]


def test_a_link_shows_it_too() -> None:
    """Who turns out to have an account under another name had one when the share was made, or has one now."""
    for opened in (1, 3):
        shop = judging(RULE).given(ADS, share(2, "ads", [EMAIL], reference=None), account(opened, subject=OTHER))
        assert shown_by_link(shop) == []
        shop.link(CUSTOMER, OTHER, 5)
        assert shown_by_link(shop) == [(GIVEN, (named("account", opened),))]


def test_only_contact_data_can_be_barred() -> None:
    """Of other data no share stays on a person's record, so the policy file is told."""
    text = POLICY.replace('categories = ["user.contact"]', 'categories = ["user.contact.email", "user.payment"]')
    load_policy(POLICY, name="example.toml", kinds=KINDS)
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(text, name="example.toml", kinds=KINDS)
    (problem,) = caught.value.problems
    assert problem.line == 17
    assert "'categories', item 2 must be a contact" in problem.what


POLICY = f"""\
id = "example.com/privacy"
version = "1"
title = "An example"
observed_at = 2020-01-31T10:00:00Z
sha256 = "{"ab" * 32}"
[[promise]]
id = "P01"
title = "Not to them"
statement = "Never to them."
section = "Sharing"
start = 1
end = 2
modality = "prohibition"
provable = "history"
kind = "never_to_group"
parameters.group = "google"
parameters.categories = ["user.contact"]
parameters.accounts = ["account"]
"""
