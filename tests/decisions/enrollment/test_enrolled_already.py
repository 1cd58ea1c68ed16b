"""Who is enrolled is not enrolled again by a further act."""

from __future__ import annotations

from domain.events.customer import CustomerEnrolled, DataCollected
from tests.controls import catalog_request, contest_entry, enrollment, order
from tests.scenario import Shop


def test_a_second_order_enrolls_nobody_again() -> None:
    """Only the first purchase enrolls."""
    Shop().given(order(1)).when(order(2, "O-2")).then(DataCollected).assert_breaks()


def test_programs_are_apart() -> None:
    """Enrolled in one program, a person is enrolled in the other by its own act."""
    Shop().given(order(1)).when(catalog_request(2)).then(DataCollected, CustomerEnrolled)


def test_an_unlawful_enrollment_does_not_stand_in_the_way() -> None:
    """Somebody put in by hand is enrolled anew, and lawfully, by a contest entry."""
    shop = Shop().given(enrollment(1, "email_marketing", "staff"))
    assert not shop.is_enrolled()
    shop.when(contest_entry(2)).then(DataCollected, CustomerEnrolled).assert_breaks()
    assert shop.is_enrolled()
