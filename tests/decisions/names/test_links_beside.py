"""Names that are verified beside a fact (`also`): the link of one that is refused, corrected, or of a child."""

from __future__ import annotations

import pytest

from domain.events.links import CustomersLinked
from domain.events.refused import UseRefused
from domain.records.customer import LAST
from tests.laws.as_told import audited, told
from tests.laws.test_late_of_erased_laws import facts_in

TWO = "04-01 1 contest_entry O-1 email=a; 04-02 2 contest_entry O-2 email=b"


@pytest.mark.parametrize("in_time", [False, True])
def test_a_refused_fact_links_nobody(in_time: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Mail that the other's opt-out forbids is refused, and of a refused fact nothing but the refusal is stored."""
    lines = f"{TWO}; 04-05 1 out email; 05-01 2 mail mode=enforce also=1/login"
    store = told(facts_in(lines), in_time=in_time)
    events = [event for own in store.events.values() for event in own]
    assert [type(event) for event in events if isinstance(event, CustomersLinked | UseRefused)] == [UseRefused]


def test_a_fact_that_is_not_refused_links() -> None:
    """The same mail links the two where nobody left."""
    store = told(facts_in(f"{TWO}; 05-01 2 mail mode=enforce also=1/login"))
    events = [event for own in store.events.values() for event in own]
    assert sum(isinstance(event, CustomersLinked) for event in events) == len(["1", "2"])


def test_an_opt_out_with_a_verified_name_can_be_corrected() -> None:
    """It says more than a link, so an officer may annul it; mail of later is not judged by it."""
    lines = f"{TWO}; 04-05 1 out email also=2/login; 04-06 1 annul 3; 05-01 1 mail; 05-02 2 mail"
    verdicts = audited(told(facts_in(lines)), LAST.at)["readings"]["harmonised"]
    assert {verdicts[promise]["status"] for promise in ("P11", "P17")} == {"kept"}


def test_a_child_who_is_linked_leaves_no_contact_point() -> None:
    """A collection that says that its person is a known child keeps neither values nor contact points."""
    store = told(facts_in("04-01 2 age; 04-02 1 contest_entry O-1 email=a also=2/login"))
    assert [one for person in store.people.values() for one in person.contacts.named] == []
