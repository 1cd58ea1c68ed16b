"""Who was taken for one person is two again: each side by what was told of it, but for what protected it."""

from __future__ import annotations

import pytest

from domain import ledger
from domain.events.customer import CustomerEnrolled, CustomerErased, DataCollected, EnrollmentEnded
from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.events.suppressions import SuppressionRecalled
from domain.parting import OfficerOnly
from domain.store import Sender
from domain.vocabulary import EMAIL, LinkRefusal, Program
from tests.controls import (
    access_request,
    age_learned,
    cancellation,
    contest_entry,
    day,
    enrollment,
    fact,
    link,
    message,
    opt_out,
    order,
    report_issued,
    unlink,
)
from tests.laws.audit import audit
from tests.scenario import Shop

ONE, TWO, THREE = "customer:1", "customer:2", "customer:3"
OTHERS = {EMAIL: "two@example.com"}
"""The values of the second person, whose address is another one."""


def joined() -> Shop:
    """Return a shop in which an entrant and a buyer were taken for one person."""
    return Shop().given(contest_entry(1), order(2, "O-2", subject=TWO, values=OTHERS), link(3, TWO))


def are_one(shop: Shop, one: str = ONE, other: str = TWO) -> bool:
    """Return whether two names lead to one record."""
    return shop.customer(one) is shop.customer(other)


def test_each_stream_says_from_whom_it_was_parted() -> None:
    """The stream of the other name leaves; the reason and the evidence stand on both streams."""
    shop = joined()
    one, two = (event.originator_id for event in shop.when(link(3.5, TWO)).events)
    made = shop.when(unlink(5, TWO, evidence="call 7")).then(CustomersUnlinked, CustomersUnlinked).events
    for event, own, other in zip(made, (one, two), (two, one), strict=True):
        assert isinstance(event, CustomersUnlinked)
        assert (event.originator_id, event.others, event.together, event.person) == (own, (other,), (), own)
        assert (event.parted, event.reason, event.evidence) == (two, "two people of one name", "call 7")
    assert not are_one(shop)
    assert [list(shop.customer(name).streams) for name in (ONE, TWO)] == [[one], [two]]


def test_each_side_holds_its_own_alone() -> None:
    """Collections, contact points and subscriptions go back to whom they were told of."""
    shop = joined().given(unlink(5, TWO))
    alone = Shop().given(contest_entry(1), order(2, "O-2", subject=TWO, values=OTHERS))
    for name in (ONE, TWO):
        assert shop.customer(name).by_reference.keys() == alone.customer(name).by_reference.keys()
        assert set(shop.customer(name).contacts.points.values()) == set(alone.customer(name).contacts.points.values())
        assert shop.is_enrolled(subject=name)
    shop.given(contest_entry(6, reference="C-6"))
    assert "C-6" not in shop.customer(TWO).by_reference


def test_the_stream_of_the_other_name_leaves_and_the_others_stay_together() -> None:
    """Of three records that were one, two still are."""
    shop = joined().given(order(2, "O-3", subject=THREE), link(4, THREE, fact_id="third"), unlink(5, TWO))
    assert are_one(shop, ONE, THREE)
    assert not are_one(shop)
    assert shop.customer().by_reference.keys() == {"contest_entry-1", "O-3"}
    assert shop.customer(TWO).by_reference.keys() == {"O-2"}
    shop.given(link(6, TWO, fact_id="again"))
    assert are_one(shop)
    assert len(shop.customer().streams) == 3


@pytest.mark.parametrize("name", ["customer:unheard-of", TWO, ONE])
def test_two_who_are_not_one_person(name: str) -> None:
    """The fact is stored, its answer says so, and nobody is parted."""
    shop = Shop().given(contest_entry(1), link(2, THREE), order(2, "O-2", subject=TWO))
    handled = ledger.handle(shop.store, unlink(3, name), shop.sender)
    assert handled.not_linked == (LinkRefusal.NOT_LINKED,)
    (event,) = handled.events
    assert isinstance(event, CustomersUnlinked)
    assert (event.parted, event.others) == (None, ())
    assert are_one(shop, ONE, THREE)


def test_only_an_officer_undoes_a_link() -> None:
    """From anybody else nothing is stored, whether or not they may vouch."""
    shop = joined()
    for vouches in (False, True):
        shop.sender = Sender("clerk", vouches)
        with pytest.raises(OfficerOnly) as refused:
            shop.when(unlink(5, TWO))
        assert refused.value.code == "officer_only"
    assert are_one(shop)


@pytest.mark.parametrize("leaver", [ONE, TWO])
def test_an_opt_out_goes_on_binding_both(leaver: str) -> None:
    """Who was out of a program through the other stays out, from the unlink on, until they ask anew themself."""
    shop = joined().given(opt_out(4, subject=leaver))
    other = TWO if leaver == ONE else ONE
    made = shop.when(unlink(5, TWO)).events
    (recalled,) = (event for event in made if isinstance(event, SuppressionRecalled))
    assert (recalled.program, recalled.occurred_at) == (Program.EMAIL_MARKETING, day(5))
    assert recalled.originator_id in shop.customer(other).streams
    assert not shop.is_enrolled(subject=ONE)
    assert not shop.is_enrolled(subject=TWO)
    shop.given(contest_entry(6, subject=other, reference="C-6", values={EMAIL: "new@example.com"}))
    assert shop.is_enrolled(subject=other)
    assert not shop.is_enrolled(subject=leaver)


def test_an_age_goes_on_binding_both() -> None:
    """A child's age that was told of one protects the other as well, as it did before."""
    shop = joined().given(age_learned(4))
    made = shop.when(unlink(5, TWO)).events
    assert [event.under for event in made if isinstance(event, SuppressionRecalled)] == [13]
    since = next(iter(shop.customer(TWO).protections.ages), None)
    assert since is not None
    assert since.at == day(5)


def test_an_opt_out_that_the_other_lifted_stands_again() -> None:
    """What one of them asked for lifts nothing of the other's."""
    shop = joined().given(opt_out(3.5), contest_entry(4, subject=TWO, reference="C-4", values=OTHERS))
    assert shop.is_enrolled()
    shop.given(unlink(5, TWO))
    assert not shop.is_enrolled()
    assert shop.is_enrolled(subject=TWO)


def test_an_enrollment_that_rests_on_the_others_act_ends() -> None:
    """A clerk had enrolled one by the contest entry of the other."""
    shop = Shop().given(contest_entry(1, subject=TWO, values=OTHERS), opt_out(2, subject=TWO), link(3, TWO))
    shop.given(contest_entry(3.5, subject=TWO, reference="C-2", values=OTHERS))
    shop.given(enrollment(4, "email_marketing", "contest_entry"))
    made = shop.when(unlink(5, TWO)).events
    (ended,) = (event for event in made if isinstance(event, EnrollmentEnded))
    assert ended.originator_id in shop.customer().streams
    assert not shop.is_enrolled()
    assert shop.is_enrolled(subject=TWO)


def test_who_asked_while_the_other_was_enrolled_is_enrolled() -> None:
    """Nothing had followed from their entry, since the two were one person, who was enrolled already."""
    shop = Shop().given(contest_entry(1), link(2, TWO))
    shop.when(contest_entry(3, subject=TWO, values=OTHERS)).then(DataCollected)
    made = shop.when(unlink(5, TWO)).events
    (enrolled,) = (event for event in made if isinstance(event, CustomerEnrolled))
    assert enrolled.occurred_at == day(3)
    assert shop.is_enrolled(subject=TWO)
    assert shop.is_enrolled(subject=ONE)


def test_a_cancellation_told_of_the_other_ends_nothing() -> None:
    """The order of one was taken for cancelled, because the other cancelled one of the same number."""
    shop = Shop().given(order(1), order(1, "O-9", subject=TWO, values=OTHERS), link(2, TWO))
    shop.given(cancellation(3, subject=TWO, fact_id="cancel"), cancellation(3, "O-9", subject=TWO))
    assert not shop.is_enrolled()
    shop.given(unlink(5, TWO))
    assert shop.is_enrolled()
    assert not shop.is_enrolled(subject=TWO)


def test_it_lists_the_reports_that_were_issued_while_they_were_one() -> None:
    """Whichever of the two was told of: each of these reports holds both."""
    shop = Shop().given(contest_entry(1), order(1, subject=TWO), report_issued(1.5, "R-0"), link(2, TWO))
    shop.given(access_request(3), report_issued(3.5), report_issued(4, "R-2", subject=TWO))
    made = shop.when(unlink(5, TWO)).events
    shop.given(report_issued(6, "R-3"))
    for event in made:
        assert isinstance(event, CustomersUnlinked)
        assert [shop.names[position] for position in event.reports] == ["/shop report-3.5", "/shop report-4"]


def test_an_erasure_forgets_the_one_side_alone() -> None:
    """Who was parted is not erased with the other."""
    shop = joined().given(unlink(5, TWO)).erase(6)
    assert shop.customer(ONE).erased
    assert not shop.customer(TWO).erased
    shop.when(fact("unlink", 4, {"with": TWO, "reason": "x"}, subject=ONE, fact_id="late")).then(
        CustomersUnlinked, CustomerErased
    )
    assert not shop.customer(TWO).erased


def test_a_link_that_was_told_again_is_undone_as_well() -> None:
    """Whatever was told before the unlink joins nobody."""
    shop = joined()
    shop.when(link(4, ONE, subject=TWO, fact_id="back")).then(CustomersLinked, CustomersLinked)
    assert not are_one(shop.given(unlink(5, TWO)))


def test_what_a_link_alone_let_somebody_lift_is_put_back() -> None:
    """The address is out again from then on, for everybody; who had it at the opt-out's time lifts it as before."""
    told = (
        contest_entry(1, fact_id="mine"),
        opt_out(2, subject="email:ada@example.com"),
        link(3, TWO, fact_id="join"),
        contest_entry(4, reference="anew", subject=TWO, fact_id="anew"),
    )
    parted = fact("unlink", 6, {"with": TWO, "reason": "two people"}, fact_id="part")
    later = (message(7, subject=TWO, fact_id="later"), contest_entry(8, subject="customer:3", fact_id="third"))
    shop = Shop().given(*told)
    assert not ledger.ask(shop.store, message(5, subject=TWO), shop.sender)
    shop.given(parted)
    assert {one.promise for one in ledger.ask(shop.store, later[0], shop.sender)} >= {"P17", "P18"}
    assert not any(isinstance(event, CustomerEnrolled) for event in shop.when(later[1]).events)
    assert audit(*told, parted, *later).status("P17") == "broken"
    shop.given(contest_entry(9, reference="mine again", fact_id="mine again"))
    assert not ledger.ask(shop.store, message(10), shop.sender)
