"""What an audit that reads anew makes of the events of a person: which it leaves out, and in which order it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.audit.follows import LetGo, are_of, follows_as_enrollment, in_order, is_made
from domain.events.customer import CustomerEnrolled, CustomerOptedOut, EnrollmentEnded
from domain.records.contacts import ContactBook
from tests.controls import CUSTOMER, cancellation, contest_entry, enrollment, opt_out, order, wrong_entry
from tests.laws.as_told import told
from tests.scenario import first_policy

if TYPE_CHECKING:
    from domain.events import Event
    from domain.facts import Fact


def events_of(*facts: Fact) -> list[Event]:
    """Return the events of one person, in the order in which they were told."""
    (events,) = told(facts).history().of_people
    return sorted(events, key=lambda event: event.moment.position)


def names_of(events: list[Event]) -> list[str]:
    """Return the facts that events were told by, in order; what followed from them is left out."""
    return [event.fact.partition(" ")[2] for event in events if not is_made(event) and event.fact_id is not None]


def test_what_the_ledger_made_is_left_out() -> None:
    """Enrollments that followed, their ends and recalled opt-outs are worked out anew; what was sent is not."""
    sent = enrollment(4, "email_marketing", "staff")
    events = events_of(order(5), cancellation(6), sent, contest_entry(8), opt_out(7))
    made = [event for event in events if is_made(event)]
    assert {type(event) for event in made} == {CustomerEnrolled, EnrollmentEnded}
    assert [event.fact for event in events if isinstance(event, CustomerEnrolled) and not is_made(event)] == [sent.name]
    assert [event for event in events if follows_as_enrollment(event)] == [
        event for event in made if isinstance(event, CustomerEnrolled)
    ]
    told_out = [event for event in events if isinstance(event, CustomerOptedOut)]
    assert told_out
    assert not any(is_made(event) for event in told_out)


def test_an_opt_out_that_is_told_again_by_the_ledger_is_left_out() -> None:
    """An order enrolled somebody in ignorance of their opt-out: what the ledger made of it then is its own."""
    events = events_of(order(5), opt_out(3))
    sent, recalled = [event for event in events if isinstance(event, CustomerOptedOut)]
    assert (is_made(sent), is_made(recalled)) == (False, True)


def test_what_followed_under_another_policy() -> None:
    """It followed under the policy of the audit if each event did."""
    events = events_of(contest_entry(1), opt_out(3))
    policy = first_policy()
    assert are_of(policy, events)
    assert not are_of(policy.model_copy(update={"version": "2017-01-01"}), events)


@pytest.mark.parametrize(
    ("corrected_on", "read"),
    [
        (1, ["contest_entry-2", "opt_out-5", "wrong", "order-7"]),
        (5, ["contest_entry-2", "opt_out-5", "wrong", "order-7"]),
        (6, ["contest_entry-2", "opt_out-5", "wrong", "order-7"]),
        (8, ["contest_entry-2", "opt_out-5", "order-7", "wrong"]),
    ],
)
def test_a_correction_is_read_behind_its_entry(corrected_on: float, read: list[str]) -> None:
    """Nothing can be declared wrong before it happened; what is dated so is read just behind it."""
    wrong = wrong_entry(corrected_on, "opt_out-5", CUSTOMER)
    events = events_of(order(7), opt_out(5), contest_entry(2), wrong)
    ordered = [one for one in in_order(events, ContactBook({}, {})) if not isinstance(one, LetGo)]
    assert [name.replace(wrong.id, "wrong") for name in names_of(ordered)] == read
