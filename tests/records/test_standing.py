"""Standing is found by looking back; walking forward through every change, slow and obvious, finds the same."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from hypothesis import given, settings, strategies as st

from domain.moments import Moment, Turn
from domain.records.customer import LAST, Customer
from domain.records.entries import ENDED, ENROLLED, OPTED_OUT, Change, Held, Standing
from domain.records.standing import standing_of
from domain.vocabulary import Act, Program
from tests.controls import day

if TYPE_CHECKING:
    from collections.abc import Container

MAIL = Program.EMAIL_MARKETING
ACTS = st.sampled_from([Act.ORDER, Act.CONTEST_ENTRY])
MOMENTS = st.builds(lambda on, position: Moment(day(on), Turn.ACT, position), st.integers(0, 5), st.integers(1, 40))


@st.composite
def customers(draw: st.DrawFn) -> Customer:
    """Draw a person with some collections, and changes of one program that cite them."""
    customer = Customer(UUID(int=1))
    for number, (moment, act) in enumerate(draw(st.lists(st.tuples(MOMENTS, ACTS), max_size=5))):
        customer.by_position[number] = Held(moment, act, "r", (), ())
    states = st.sampled_from([ENROLLED, ENROLLED, OPTED_OUT, OPTED_OUT, ENDED])
    cited = st.lists(st.integers(0, 5), max_size=2).map(tuple)
    for moment, state, is_lawful, relies_on in draw(
        st.lists(st.tuples(MOMENTS, states, st.booleans(), cited), max_size=12)
    ):
        lawful = state != ENROLLED or is_lawful
        customer.programs[MAIL].append(Change(moment, state, None, None, lawful, relies_on))
    customer.programs[MAIL].sort(key=lambda change: change.moment)
    return customer


def _walk(customer: Customer, until: Moment, reopened_by: Container[Act] | None) -> Standing:
    now = Standing()
    for change in customer.programs[MAIL]:
        if change.moment > until:
            break
        if change.state == OPTED_OUT:
            was_enrolled = now.was_enrolled if now.opted_out else now.is_enrolled
            now = Standing(change, now.opted_out or change, was_enrolled)
        elif change.lawful and (now.opted_out is None or _lifts(customer, change, now, reopened_by)):
            now = Standing(change)
    return now


def _lifts(customer: Customer, change: Change, now: Standing, reopened_by: Container[Act] | None) -> bool:
    cited = [customer.by_position[one] for one in change.relies_on if one in customer.by_position]
    assert now.change is not None
    return change.state == ENROLLED and any(
        held.moment > now.change.moment and (reopened_by is None or held.act in reopened_by) for held in cited
    )


@settings(max_examples=500, deadline=None)
@given(
    customer=customers(),
    until=st.one_of(MOMENTS, st.just(LAST)),
    reopened_by=st.sampled_from([None, frozenset(), frozenset({Act.CONTEST_ENTRY})]),
)
def test_looking_back_finds_what_walking_forward_finds(
    customer: Customer, until: Moment, reopened_by: Container[Act] | None
) -> None:
    """Both agree at any moment, for any history and any acts that open a program again."""
    assert standing_of(customer, MAIL, until, reopened_by) == _walk(customer, until, reopened_by)
