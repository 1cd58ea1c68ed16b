"""Rule kind current_value: kept, broken, not tested, and its edges."""

from __future__ import annotations

from domain.rules.current_value import CurrentValue
from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import (
    CUSTOMER,
    OTHER,
    collection,
    contest_entry,
    correction,
    message,
    named,
    order,
    share,
    use,
)
from tests.scenario import judging

RULE = CurrentValue()
OLD = {"act": "order", "reference": "O-1"}
STREET, CITY = f"{ADDRESS}.street", f"{ADDRESS}.city"


def test_broken() -> None:
    """A parcel sent to the old address after its correction breaks, and names the correction."""
    shop = judging(RULE).given(order(1), correction(2))
    outcome = shop.when(share(3, "carrier", [NAME, ADDRESS], value_from=OLD))
    (found,) = outcome.findings
    assert (found.code, found.events) == ("stale_value", (named("correct", 2),))
    assert shop.when(use(4, "deliver_order", [ADDRESS], value_from=OLD)).codes("X1") == {"stale_value"}
    post = message(5, channel="post", purpose="confirm_delivery", value_from=OLD)
    assert shop.when(post).codes("X1") == {"stale_value"}


def test_kept_with_the_current_value() -> None:
    """Who names no collection took the value in force, which puts the promise to the test."""
    shop = judging(RULE).given(order(1), correction(2))
    assert shop.tests(shop.when(share(3, "carrier", [ADDRESS])).assert_breaks())


def test_kept_with_what_was_given_anew() -> None:
    """A collection after the correction is current; one that the correction came after again is not."""
    shop = judging(RULE).given(order(1), correction(2), order(3, "O-2"))
    cited = {"act": "order", "reference": "O-2"}
    assert shop.tests(shop.when(share(4, "carrier", [ADDRESS], value_from=cited)).assert_breaks())
    shop.given(correction(5)).when(share(6, "carrier", [ADDRESS], value_from=cited)).assert_breaks("X1")


def test_not_tested() -> None:
    """Nothing was corrected, or something else than what is used."""
    shop = judging(RULE).given(order(1))
    assert not shop.tests(shop.when(use(2, "deliver_order", [ADDRESS], value_from=OLD)).assert_breaks())
    shop.given(correction(3, category=NAME))
    assert not shop.tests(shop.when(use(4, "deliver_order", [ADDRESS], value_from=OLD)).assert_breaks())
    assert not shop.tests(shop.when(message(5, value_from=OLD)).assert_breaks())


def test_categories_that_overlap() -> None:
    """A part of what is used was corrected, or the whole of it."""
    shop = judging(RULE).given(order(1), correction(2, category=STREET))
    shop.when(use(3, "deliver_order", [ADDRESS], value_from=OLD)).assert_breaks("X1")
    shop.when(use(4, "deliver_order", [STREET], value_from=OLD)).assert_breaks("X1")
    shop.when(use(5, "deliver_order", [CITY], value_from=OLD)).assert_breaks()


def test_a_collection_without_the_corrected_value_is_not_stale() -> None:
    """Of two categories that are used, the one that was corrected cannot have come from there."""
    shop = judging(RULE).given(order(1), contest_entry(1), correction(2))
    cited = {"act": "contest_entry", "reference": "contest_entry-1"}
    assert shop.tests(shop.when(use(3, "deliver_order", [EMAIL, ADDRESS], value_from=cited)).assert_breaks())


def test_what_was_never_collected_is_taken_for_the_current_value() -> None:
    """A citation of a collection that is not on record says nothing."""
    shop = judging(RULE).given(order(1), correction(2))
    shop.when(use(3, "deliver_order", [ADDRESS], value_from={"act": "order", "reference": "O-9"})).assert_breaks()


def test_at_one_instant_the_correction_comes_first() -> None:
    """At one instant, a correction counts for every use, and of two values the one told later is the current one."""
    shop = judging(RULE).given(order(1))
    early = shop.when(use(2, "deliver_order", [ADDRESS], value_from=OLD)).assert_breaks()
    shop.given(correction(2))
    assert shop.again(early)
    shop.when(share(2, "carrier", [ADDRESS], value_from=OLD)).assert_breaks("X1")
    shop.given(collection("registration", 2))
    cited = {"act": "registration", "reference": "registration-1"}
    shop.when(message(2, channel="post", purpose="keep_books", value_from=cited)).assert_breaks()


def test_late_corrections_count_from_their_own_time() -> None:
    """What was recorded late was true before: an audit finds what could not be found at append."""
    shop = judging(RULE).given(order(1))
    outcome = shop.when(share(5, "carrier", [ADDRESS], value_from=OLD)).assert_breaks()
    shop.given(correction(4))
    assert shop.again(outcome) == {"stale_value"}


def test_linked_people_have_one_value() -> None:
    """A correction on one stream of a person binds uses of what was collected on another, once they are linked."""
    shop = judging(RULE).given(order(1), correction(2, subject=OTHER)).link(CUSTOMER, OTHER, 3)
    shop.when(share(4, "carrier", [ADDRESS], value_from=OLD)).assert_breaks("X1")


def test_a_message_says_to_which_address_it_went() -> None:
    """One to an address that was corrected since used the old value, unless the address was given anew."""
    old = {"to": "email:ada@example.com"}
    shop = judging(RULE).given(contest_entry(1), correction(2, category=EMAIL))
    assert shop.when(message(3, **old)).codes("X1") == {"stale_value"}
    assert shop.tests(shop.when(message(4, to="email:unknown@example.com")).assert_breaks())
    shop.given(contest_entry(5, reference="again")).when(message(6, **old)).assert_breaks()
