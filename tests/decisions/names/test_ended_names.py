"""A name that was given up is another person's from then on, whom what the last one was owed meets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.contract import parse_name
from domain import ledger
from domain.errors import MalformedFact
from domain.events.customer import CustomerEnrolled, CustomerErased, CustomerOptedOut, DataCollected, MessageSent
from domain.events.links import CustomersLinked, NameEnded
from domain.events.suppressions import SuppressionRecalled
from domain.facts.fields import Subject
from domain.moments import end_of
from domain.parting import OfficerOnly
from domain.store import Sender
from domain.vocabulary import EMAIL, Program
from tests.controls import age_learned, contest_entry, day, fact, link, message, name_ended, opt_out, order
from tests.scenario import Shop

ONE, TWO, NINE = "customer:1", "customer:2", "customer:9"
MAILBOX = "email:ada@example.com"
EMAILS = Program.EMAIL_MARKETING
OTHERS = {EMAIL: "two@example.com"}
NAMES = [ONE, MAILBOX, "phone:+442079460018", "order:O-7", "guest:F-1"]


def holds(shop: Shop, subject: str, on: float) -> bool:
    """Return whether the mailbox is the current address of a person on a day, held by them and reaching them."""
    name = parse_name(MAILBOX)
    assert isinstance(name, Subject)
    point, at, contacts = shop.store.point(name), end_of(day(on)), shop.customer(subject).contacts
    is_current = contacts.current("email", at) == point
    assert is_current == (point in contacts.held(at)) == (point in contacts.reached(EMAILS, at))
    return is_current


@pytest.mark.parametrize("name", NAMES)
def test_what_is_told_later_goes_to_whom_the_name_led_then(name: str) -> None:
    """Up to the end to the old person, the instant of the end included; after it to a new one."""
    shop = Shop().given(order(1, subject=name), name_ended(5, name, subject=name))
    old = shop.customer(name, on=5)
    shop.given(order(6, "O-6", subject=name), order(4, "O-4", subject=name), order(5, "O-5", subject=name))
    new = shop.customer(name)
    assert old.by_reference.keys() == {"O-1", "O-4", "O-5"}
    assert new.by_reference.keys() == {"O-6"}
    assert not old.streams.keys() & new.streams.keys()


@pytest.mark.parametrize("ends", [(5, 10), (10, 5)])
def test_a_second_end_ends_the_second_person(ends: tuple[float, float]) -> None:
    """Three people had the number one after the other, in whichever order that is told."""
    shop = Shop().given(order(1, subject=NINE), *(name_ended(on, NINE) for on in ends))
    shop.given(*(order(on, f"O-{on}", subject=NINE) for on in (12, 7, 3)))
    found = [shop.customer(NINE, on=on) for on in (3, 7, 12)]
    assert [one.by_reference.keys() for one in found] == [{"O-1", "O-3"}, {"O-7"}, {"O-12"}]


def test_it_is_on_both_streams_and_lists_what_was_told_already() -> None:
    """The one that it was told of, and the one that the name led to; to be retold is what was told of the name."""
    shop = Shop().given(order(1), order(2, "O-2", subject=NINE), link(7, TWO), opt_out(3, subject=NINE))
    shop.given(order(6, "O-6", subject=NINE, fact_id="x"), order(7, "O-7", subject=NINE, fact_id="y"))
    made = shop.when(name_ended(5, NINE, evidence="letter 7")).then(NameEnded, NameEnded).events
    own, led = (one for one in made if isinstance(one, NameEnded))
    for event in (own, led):
        assert [shop.names[position] for position in event.later] == ["/shop x", "/shop y"]
        assert (event.kind, event.evidence, event.occurred_at) == ("customer", "letter 7", day(5))
    assert (own.led_here, own.name, led.led_here, led.name) == (None, None, True, NINE)
    assert own.originator_id in shop.customer().streams
    assert led.originator_id in shop.customer(NINE, on=5).streams


def test_only_an_officer_ends_a_name() -> None:
    """From anybody else nothing is stored, whether or not they may vouch."""
    shop = Shop().given(order(1))
    for vouches in (False, True):
        shop.sender = Sender("clerk", vouches)
        with pytest.raises(OfficerOnly):
            shop.when(name_ended(5, ONE))
        with pytest.raises(OfficerOnly):
            ledger.ask(shop.store, name_ended(5, ONE), shop.sender)
    assert shop.customer(on=4) is shop.customer()


def test_an_id_of_ours_does_not_end() -> None:
    """It is no name that somebody else could have."""
    with pytest.raises(MalformedFact):
        name_ended(5, "id:9d1b6a52-5c0e-5f6e-8a0e-1b1f6c9a7d10")


def test_an_address_is_no_longer_that_of_anybody_who_had_it() -> None:
    """On every record that had it, not the fact's alone; up to its end it was theirs."""
    shop = Shop().given(order(1), order(2, "O-2", subject=TWO), order(3, "O-3", subject=NINE, values=OTHERS))
    shop.given(name_ended(5, MAILBOX, subject=NINE))
    for subject in (ONE, TWO):
        assert holds(shop, subject, 5)
        assert not holds(shop, subject, 5.5)
    shop.given(order(6, "O-6", subject=TWO))
    assert holds(shop, TWO, 7)
    assert not holds(shop, ONE, 7)


def test_what_was_told_of_before_is_theirs_no_more_whenever_it_is_told() -> None:
    """Somebody of whom an old order is told only now had the address until it was given up."""
    shop = Shop().given(name_ended(5, MAILBOX), order(3, "O-2", subject=TWO))
    assert holds(shop, TWO, 4)
    assert not holds(shop, TWO, 6)


@pytest.mark.parametrize(("on", "reaches"), [(7, False), (4, True)])
def test_an_opt_out_told_of_the_next_reaches_nobody_who_had_it_before(on: float, *, reaches: bool) -> None:
    """It was the next one's wish. What is told of the time before was everybody's who had the address then."""
    shop = Shop().given(order(1), name_ended(5, MAILBOX), opt_out(on, subject=MAILBOX))
    assert shop.is_enrolled() != reaches


def test_what_was_told_later_in_time_and_before_the_end_stays() -> None:
    """An undoing bears on what is both later and told later: the opt-out is listed, to be told again."""
    shop = Shop().given(order(1), opt_out(7, subject=MAILBOX))
    assert not shop.is_enrolled()
    made = shop.when(name_ended(5, MAILBOX)).events
    (led,) = (one for one in made if isinstance(one, NameEnded) and one.led_here)
    assert [shop.names[position] for position in led.later] == ["/shop opt_out-7"]
    assert not shop.is_enrolled()


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_opt_out_of_the_last_meets_the_next(name: str, *, is_late: bool) -> None:
    """Also one that is told only when the next one is known; they lift it themselves."""
    leaves, ends = opt_out(3, subject=name), name_ended(5, name, subject=name)
    follows = order(6, "O-6", subject=name, values=OTHERS)
    shop = Shop().given(order(1, subject=name), *((ends, follows, leaves) if is_late else (leaves, ends, follows)))
    assert shop.judge.opted_out(shop.customer(name), EMAILS, end_of(day(7))) is not None
    since = day(3) if name.startswith(("email", "phone")) else day(5) + timedelta.resolution
    assert any(change.moment.at == since for change in shop.customer(name).programs[EMAILS])
    shop.given(contest_entry(8, subject=name, values={EMAIL: "three@example.com"}))
    assert shop.is_enrolled(subject=name)


def test_the_opt_out_of_the_last_binds_the_address() -> None:
    """The one who is named with it since is enrolled by nothing that they type, until they are verified for it."""
    shop = Shop().given(order(1), opt_out(3), name_ended(5, MAILBOX))
    shop.when(order(6, "O-6", subject=TWO)).then(DataCollected)
    shop.when(contest_entry(7, subject=TWO)).then(DataCollected)
    assert not shop.is_enrolled(subject=TWO)
    shop.given(fact("contact_confirmed", 8, {"contact": MAILBOX, "method": "contact_confirmed"}, subject=TWO))
    shop.when(contest_entry(9, subject=TWO, reference="C-9")).then(DataCollected, CustomerEnrolled)
    assert shop.is_enrolled(subject=TWO)


def test_who_is_named_by_the_address_next_lifts_as_themselves() -> None:
    """What the last one was owed is theirs now, under the name and at the address."""
    shop = Shop().given(order(1, subject=MAILBOX), opt_out(3, subject=MAILBOX), name_ended(5, MAILBOX))
    shop.given(order(6, "O-6", subject=MAILBOX))
    assert not shop.is_enrolled(subject=MAILBOX)
    shop.given(contest_entry(8, subject=MAILBOX))
    assert shop.is_enrolled(subject=MAILBOX)


def test_what_meets_the_next_reaches_nobody_else_who_had_the_address() -> None:
    """The opt-out of one of two who shared it was not the other's, who gave it up as well."""
    shop = Shop().given(order(1), order(2, "O-2", subject=TWO))
    shop.given(fact("opt_out", 3, {"program": "email_marketing", "via": "portal"}), name_ended(5, MAILBOX))
    assert shop.is_enrolled(subject=TWO)
    assert not shop.is_enrolled(subject=ONE)


@pytest.mark.parametrize(("on", "binds"), [(3, True), (6, False)])
def test_an_opt_out_of_the_last_that_is_told_late(on: float, *, binds: bool) -> None:
    """It binds the address where it was theirs at the time, and not where they had given it up."""
    shop = Shop().given(order(1), name_ended(5, MAILBOX), opt_out(on), order(7, "O-7", subject=TWO))
    assert shop.is_enrolled(subject=TWO) != binds


def test_who_gave_the_address_up_lifts_nothing_of_it() -> None:
    """An old form, filled in again with the old address, is not what the next one asked for."""
    shop = Shop().given(order(1), opt_out(3, subject=MAILBOX))
    kept = Shop().given(order(1), opt_out(3, subject=MAILBOX))
    for one in (shop.given(name_ended(5, MAILBOX)), kept):
        one.given(contest_entry(7), contest_entry(8, subject=TWO))
    assert not shop.is_enrolled(subject=TWO)
    assert kept.is_enrolled(subject=TWO)


def test_what_was_verified_ends_with_the_address() -> None:
    """The mailbox answered the last one."""
    shop = Shop().given(order(1), opt_out(2, subject=MAILBOX))
    shop.given(fact("contact_confirmed", 3, {"contact": MAILBOX, "method": "contact_confirmed"}, subject=TWO))
    shop.given(name_ended(5, MAILBOX))
    shop.when(contest_entry(8, subject=TWO)).then(DataCollected)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_childs_age_meets_the_next(*, is_late: bool) -> None:
    """The next one is treated as a child as well."""
    ends, follows = name_ended(5, ONE), contest_entry(6, reference="C-6")
    facts = (ends, follows, age_learned(2)) if is_late else (age_learned(2), ends, follows)
    shop = Shop().given(contest_entry(1), *facts)
    collected = shop.when(contest_entry(7, reference="C-7")).the(DataCollected)
    assert collected.withheld
    assert shop.customer().protections.ages != []
    assert shop.customer(on=4) is not shop.customer()


def test_a_message_told_under_the_address_is_for_those_who_have_it() -> None:
    """Nobody who gave it up lets it in."""
    shop = Shop().given(order(1), name_ended(5, MAILBOX))
    shop.when(message(4, subject=MAILBOX, fact_id="before")).assert_breaks()
    shop.when(message(6, subject=MAILBOX, fact_id="after")).assert_breaks("P11")
    shop.given(order(7, "O-7", subject=TWO))
    shop.when(message(8, subject=MAILBOX, fact_id="again")).assert_breaks()


def test_the_end_of_an_unknown_name_waits() -> None:
    """What is told of it later goes by its time all the same, and protects the next one."""
    shop = Shop().given(name_ended(5, NINE))
    shop.given(order(6, "O-6", subject=NINE, values=OTHERS))
    waited = shop.when(order(1, subject=NINE)).the(NameEnded)
    assert (waited.waited, waited.occurred_at, waited.name) == (True, day(5), NINE)
    assert shop.customer(NINE, on=4).by_reference.keys() == {"O-1"}
    recalled = shop.when(opt_out(2, subject=NINE)).the(SuppressionRecalled)
    assert recalled.originator_id in shop.customer(NINE).streams
    assert not shop.is_enrolled(subject=NINE)


def test_a_link_names_whom_the_name_led_to_then() -> None:
    """By its own time, like every fact."""
    shop = Shop().given(order(1), order(2, "O-2", subject=NINE), name_ended(5, NINE), order(6, "O-6", subject=NINE))
    shop.when(link(4, NINE)).then(CustomersLinked, CustomersLinked)
    assert shop.customer() is shop.customer(NINE, on=5)
    assert shop.customer() is not shop.customer(NINE)
    shop.given(link(7, NINE, subject=TWO))
    assert shop.customer(TWO) is shop.customer(NINE)


def test_an_erasure_of_the_next_leaves_the_last() -> None:
    """What is told of the erased one's time is coded; what is told of the other's goes to them."""
    shop = Shop().given(order(1, subject=NINE), name_ended(5, NINE), order(6, "O-6", subject=NINE, values=OTHERS))
    old = shop.customer(NINE, on=4)
    shop.erase(20, NINE)
    assert not old.erased
    shop.when(order(7, "O-7", subject=NINE)).then(DataCollected, CustomerErased)
    assert shop.when(order(3, "O-3", subject=NINE)).the(DataCollected).originator_id in old.streams
    assert shop.when(order(30, "O-30", subject=NINE, values=OTHERS)).the(DataCollected).values is not None


def test_an_erasure_of_the_last_leaves_the_next() -> None:
    """They were linked to somebody, under whose name they are erased; what they were owed goes on meeting the next."""
    shop = Shop().given(order(1, subject=NINE), link(2, TWO, subject=NINE), opt_out(3, subject=TWO))
    shop.given(name_ended(5, NINE)).erase(20, TWO)
    shop.when(order(4, "O-4", subject=NINE)).then(DataCollected, CustomerErased)
    shop.when(order(6, "O-6", subject=NINE, values=OTHERS)).then(SuppressionRecalled, DataCollected)
    new = shop.customer(NINE)
    shop.when(order(4.5, "O-5", subject=NINE)).then(DataCollected, CustomerErased)
    assert new.by_reference.keys() == {"O-6"}


def test_an_address_of_the_erased_is_the_next_persons_since_its_end() -> None:
    """The erasure of the last one forgets nothing of the next; a late guest of the last one's time is coded."""
    shop = Shop().given(order(1), name_ended(5, MAILBOX), order(6, "O-6", subject=TWO)).erase(20)
    shop.when(order(3, "O-3", subject="guest:late")).then(DataCollected, CustomerErased)
    shop.when(order(7, "O-7", subject="guest:new")).then(DataCollected, CustomerEnrolled)
    assert holds(shop, TWO, 8)


def test_the_erased_keep_when_their_address_ended() -> None:
    """It had ended before what was told of it then, in time and in telling, and an erasure changes no verdict."""
    shop = Shop().given(order(1), name_ended(5, MAILBOX), opt_out(6, subject=MAILBOX))
    shop.when(message(20, fact_id="m")).then(MessageSent).assert_breaks()
    erased = shop.when(fact("erasure", 30, {"reason": "asked"})).the(CustomerErased)
    assert [shop.names[position] for position in erased.told] == ["/shop name_ended-5", "/shop opt_out-6"]
    assert sum(one.what is None for one in erased.bindings) == 1


def test_what_is_told_late_of_the_erased_ends_a_name_as_well() -> None:
    """An officer learns of it when the subject is gone: the fact is coded, and the name is another's all the same."""
    shop = Shop().given(order(1), order(2, "O-2", subject=NINE)).erase(20)
    shop.given(name_ended(5, NINE), order(6, "O-6", subject=NINE))
    assert shop.customer(NINE).by_reference.keys() == {"O-6"}
    assert shop.customer(NINE, on=4).by_reference.keys() == {"O-2"}


def test_the_same_end_again_changes_nothing() -> None:
    """It is on record twice, and ends no second person."""
    shop = Shop().given(order(1), name_ended(5, ONE), order(6, "O-6"), name_ended(5, ONE, fact_id="again"))
    assert shop.customer().by_reference.keys() == {"O-6"}
    assert shop.customer(on=5).by_reference.keys() == {"O-1"}
    made = shop.when(opt_out(3)).events
    assert [type(one) for one in made].count(CustomerOptedOut) >= 1
    assert [type(one) for one in made].count(SuppressionRecalled) == 1
