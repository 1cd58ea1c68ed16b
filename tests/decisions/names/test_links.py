"""Two streams become one person's only by the word of somebody who vouches, and both of them say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.events.customer import DataCollected
from domain.events.links import ContactConfirmed, CustomersLinked, LinkProposed
from domain.linking import STREAMS_MAX
from domain.store import Sender
from domain.vocabulary import LinkRefusal
from tests.controls import contest_entry, fact, gift, order, verified
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, MAILBOX = "customer:1", "customer:2", "email:ada@example.com"


def linked(one: str, other: str, on: float = 5) -> Fact:
    """Return the fact that two names are one person's."""
    return fact("link", on, {"with": other, "verified": "document", "evidence": "passport"}, subject=one)


def are_one(shop: Shop, *names: str) -> bool:
    """Tell whether all these names lead to one record."""
    return len({id(shop.customer(name)) for name in names}) == 1


def test_both_streams_record_a_link() -> None:
    """Each stream says with whom it is one person, by which method, on what evidence, and who said so."""
    shop = Shop().given(order(1), order(1, subject=TWO))
    made = shop.when(linked(ONE, TWO)).then(CustomersLinked, CustomersLinked).events
    streams = {event.originator_id for event in made}
    assert len(streams) == 2
    for event in made:
        assert isinstance(event, CustomersLinked)
        assert {event.originator_id, *event.others} == streams
        assert (event.method, event.evidence, event.actor) == ("document", "passport", "test")
    assert are_one(shop, ONE, TWO)


def test_a_link_beside_another_fact() -> None:
    """The short form links before its own fact is decided, and told again writes no second link."""
    shop = Shop().given(order(1, subject=TWO))
    shop.when(order(2, "O-2", also=[verified(TWO)])).then(CustomersLinked, CustomersLinked, DataCollected)
    shop.when(order(3, "O-3", also=[verified(TWO)])).then(DataCollected)
    assert are_one(shop, ONE, TWO)


def test_a_link_to_a_new_name() -> None:
    """A name that nobody used before leads to the person from then on."""
    shop = Shop().given(order(1), linked(ONE, TWO))
    assert are_one(shop, ONE, TWO)


@pytest.mark.parametrize("name", [TWO, MAILBOX, "order:O-9", "guest:F-1"])
def test_a_link_that_nobody_vouches_for(name: str) -> None:
    """The fact is stored, nothing is linked, and the stream says why."""
    shop = Shop().given(order(1), order(1, subject=name))
    shop.sender = Sender()
    for told in (order(2, "O-2", also=[verified(name)]), linked(ONE, name)):
        proposed = shop.when(told).the(LinkProposed)
        assert proposed.because is LinkRefusal.NOT_VOUCHED
        assert proposed.name == name
    assert shop.customer().by_reference["O-2"]
    assert not are_one(shop, ONE, name)


def test_a_person_has_fifty_streams_at_most() -> None:
    """One more is stored and not linked, from whichever side it is told."""
    shop = Shop().given(order(1))
    for number in range(STREAMS_MAX - 1):
        shop.given(linked(ONE, f"order:{number}"))
    assert len(shop.customer().streams) == STREAMS_MAX
    shop.given(order(1, subject=TWO))
    for one, other in ((ONE, TWO), (TWO, ONE), ("order:7", TWO)):
        assert shop.when(linked(one, other)).the(LinkProposed).because is LinkRefusal.TOO_MANY_STREAMS
    shop.when(linked(ONE, "order:3")).then(*[CustomersLinked] * STREAMS_MAX)
    assert not are_one(shop, ONE, TWO)


def test_a_contact_point_is_one_persons() -> None:
    """The stream of an address is linked once; the second person's link is kept for the officer."""
    for one, other in ((TWO, MAILBOX), (MAILBOX, TWO)):
        shop = Shop().given(order(1), order(1, subject=TWO), linked(ONE, MAILBOX))
        assert shop.when(linked(one, other)).the(LinkProposed).because is LinkRefusal.SECOND_PERSON
        assert are_one(shop, ONE, MAILBOX)
        assert not are_one(shop, ONE, TWO)


def test_a_shared_address_links_nobody() -> None:
    """The same address among the values, in `also` or as a name of somebody else's leaves everybody apart."""
    shop = Shop().given(order(1), order(1, subject=TWO, also=[MAILBOX]), contest_entry(1, subject=MAILBOX))
    shop.given(contest_entry(2, subject="guest:F-1"))
    assert len({id(shop.customer(name)) for name in (ONE, TWO, MAILBOX, "guest:F-1")}) == 4
    assert all(len(shop.customer(name).streams) == 1 for name in (ONE, TWO, MAILBOX, "guest:F-1"))


def test_a_mailbox_that_answers_joins_nobody() -> None:
    """It verifies the address of one person, and the address's own stream stays apart."""
    shop = Shop().given(order(1), contest_entry(1, subject=MAILBOX))
    shop.when(fact("contact_confirmed", 2, {"contact": MAILBOX, "method": "mail"})).then(ContactConfirmed)
    assert not are_one(shop, ONE, MAILBOX)


def test_a_gift_joins_nobody() -> None:
    """The recipient of a gift has a stream of their own, apart from the buyer's, the address in it notwithstanding."""
    shop = Shop().given(order(1), gift(2, subject="guest:O-1/1", source=ONE, also=[MAILBOX]))
    assert not are_one(shop, ONE, "guest:O-1/1")
    assert all(len(person.streams) == 1 for person in shop.store.people.values())
