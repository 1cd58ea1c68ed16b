"""The fold of a person depends on moments alone, and on nothing that it does not know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from domain.events import company, customer as events, links, visitor
from domain.events.suppressions import SuppressionRecalled
from domain.moments import Moment, Turn
from domain.records.company import Company, evolve as evolve_company
from domain.records.customer import Customer
from domain.records.customer_fold import evolve
from domain.records.standing import standing_of
from domain.records.visitor import Visitor, evolve as evolve_visitor
from domain.vocabulary import Act, Cause, OptOutVia, Program, Role, ShareKind
from tests.controls import day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from domain.events.base import Event

ONE, TWO, FIRM = UUID(int=1), UUID(int=2), UUID(int=9)
LAWFUL: dict[str, Any] = {"reference_code": "r", "collection_point": "web", "notice": "n"}
CODES = st.sampled_from(["r", "s"])


def envelope(stream: UUID, position: int, on: float) -> dict[str, Any]:
    """Return the envelope of an event; each has a position, and so a fact, of its own."""
    return {
        "originator_id": stream,
        "originator_version": position,
        "occurred_at": day(on),
        "actor": "a",
        "source": "/s",
        "fact_id": str(position),
        "policy": "p",
        "position": position,
    }


@st.composite
def customer_event(draw: st.DrawFn, position: int, stream: UUID) -> Event:
    """Draw one event of a customer, on one of few days, so that many share an instant."""
    head = envelope(stream, position, draw(st.integers(0, 4)))
    program = draw(st.sampled_from(Program))
    code = draw(CODES)
    kind = draw(st.sampled_from(["collected", "cancelled", "enrolled", "out", "ended", "age", "recalled", "shared"]))
    match kind:
        case "collected":
            requests = draw(st.sampled_from([(), ("updates",), ("catalog", "updates")]))
            more = {**LAWFUL, "reference_code": code, "requests": requests}
            categories = draw(st.sampled_from([("user.contact.email",), ("user.contact.address",), ("user",)]))
            return events.DataCollected(**head, **more, act=draw(st.sampled_from(Act)), categories=categories)
        case "cancelled":
            return events.OrderCancelled(**head, reference_code=code)
        case "enrolled":
            cited = (draw(st.integers(1, 12)),)
            cause = draw(st.sampled_from(Cause))
            return events.CustomerEnrolled(**head, program=program, cause=cause, reference_code=code, relies_on=cited)
        case "out":
            return events.CustomerOptedOut(**head, program=program, via=OptOutVia.PORTAL)
        case "ended":
            return events.EnrollmentEnded(**head, program=program, reference_code=code)
        case "age":
            return events.AgeLearned(**head, under=13)
        case "recalled":
            return SuppressionRecalled(**head, under=13)
        case _:
            categories = draw(st.sampled_from([("user.name",), ("user.contact.email",)]))
            to: dict[str, Any] = {"recipient": "c", "kind": ShareKind.SERVICE_PROVIDER}
            return events.DataShared(**head, **to, purpose="keep_books", categories=categories)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Draw a history on two streams, in the order of its positions."""
    count = draw(st.integers(1, 12))
    streams = draw(st.lists(st.sampled_from([ONE, TWO]), min_size=count, max_size=count))
    return [draw(customer_event(position, stream)) for position, stream in enumerate(streams, start=1)]


def linked(position: int) -> Event:
    """Return the link by which the second stream becomes the first one's person's."""
    return links.CustomersLinked(**envelope(ONE, position, 4), person=ONE, others=(TWO,), same_codes=(("s", "r"),))


def fold(history: Iterable[Event]) -> Customer:
    """Fold a history into one person."""
    state = Customer(person=ONE)
    for event in history:
        evolve(state, event)
    return state


def known(state: Customer) -> dict[str, Any]:
    """Return all that decisions may ask of a person: everything but how far each stream had been read."""
    fields = ("by_position", "cancellations", "given", "linked")
    maps = {name: dict(getattr(state, name)) for name in ("by_act", "by_reference", "programs")}
    lists = {name: {key: entries for key, entries in held.items() if entries} for name, held in maps.items()}
    ages = {"ages": state.protections.ages}
    return {name: getattr(state, name) for name in fields} | lists | ages


@settings(max_examples=150, deadline=None)
@given(history=histories(), data=st.data())
def test_order_of_folding_does_not_matter(history: list[Event], data: st.DataObject) -> None:
    """The same events folded in any order give the same person, since each keeps its moment."""
    shuffled = data.draw(st.permutations(history))
    one, other = fold(history), fold(shuffled)
    assert known(one) == known(other)
    for program in Program:
        for on in range(6):
            until = Moment(day(on), Turn.ACT, 6)
            assert one.subscription(program, until) == other.subscription(program, until)
            assert standing_of(one, program, until, None) == standing_of(other, program, until, None)


@settings(max_examples=150, deadline=None)
@given(history=histories())
def test_a_link_is_folding_the_merge(history: list[Event]) -> None:
    """A link into another stream's record gives what folding both histories and the link into one would have given."""
    link = linked(len(history) + 1)
    merged = fold([*history, link])
    apart = fold(event for event in history if event.originator_id == ONE)
    evolve(apart, link, joined=[fold(event for event in history if event.originator_id == TWO)])
    assert known(apart) == known(merged)
    assert apart.streams == merged.streams


@settings(max_examples=100, deadline=None)
@given(history=histories())
def test_the_past_does_not_see_the_future(history: list[Event]) -> None:
    """What held at a moment is the same whether or not later events are known."""
    until = Moment(day(2), Turn.ACT, 6)
    whole, past = fold(history), fold([event for event in history if event.moment <= until])
    for program in Program:
        assert whole.subscription(program, until) == past.subscription(program, until)
    assert whole.is_known_only_as_recipient(until) == past.is_known_only_as_recipient(until)
    assert whole.is_known_child(until) == past.is_known_child(until)
    for act in Act:
        assert list(whole.collections_of(act, until)) == list(past.collections_of(act, until))
    for code in ("r", "s"):
        assert set(whole.collections_under(code, until)) == set(past.collections_under(code, until))


def test_events_of_other_streams_raise() -> None:
    """No fold swallows an event that is not its own."""
    cookie = visitor.CookiesRefused(**envelope(ONE, 1, 1))
    ended = company.RecipientEnded(**envelope(FIRM, 1, 1), recipient="x")
    aged = events.AgeLearned(**envelope(ONE, 1, 1), under=13)
    with pytest.raises(TypeError, match="CookiesRefused is not an event of a customer"):
        evolve(Customer(person=ONE), cookie)
    with pytest.raises(TypeError, match="AgeLearned is not an event of the company"):
        evolve_company(Company(FIRM), aged)
    with pytest.raises(TypeError, match="RecipientEnded is not an event of a visitor"):
        evolve_visitor(Visitor(ONE), ended)


def test_links_and_erasure() -> None:
    """A link tells who the person is and which other streams are theirs; an erasure that they are gone."""
    state = Customer(person=TWO)
    evolve(state, links.CustomersLinked(**envelope(TWO, 1, 1), person=ONE, others=(ONE,)))
    assert (state.person, state.linked, state.erased) == (ONE, {ONE: 1}, False)
    evolve(state, events.CustomerErased(**envelope(TWO, 2, 2), key_id="k", receipt="r"))
    assert state.erased


def company_history() -> Sequence[Event]:
    """Return one of each event that the company's record rests on, twice, with the later ones changing the earlier."""
    registered: dict[str, Any] = {"recipient": "c", "roles": (Role.CARRIER,), "categories": ("user.name",)}
    return [
        company.RecipientRegistered(**envelope(FIRM, 1, 1), **registered),
        company.RecipientEnded(**envelope(FIRM, 2, 3), recipient="c"),
        company.CollectionPointRegistered(**envelope(FIRM, 3, 1), collection_point="web", online=True),
        company.CollectionPointClosed(**envelope(FIRM, 4, 3), collection_point="web"),
        company.PurposeRegistered(**envelope(FIRM, 5, 2), purpose="posters", unrelated=True),
        company.PurposeRegistered(**envelope(FIRM, 6, 1), purpose="posters", unrelated=True),
        company.IncidentRecorded(**envelope(FIRM, 7, 1), incident="i", unauthorised_reads=0),
    ]


def test_company_goes_by_moments() -> None:
    """What is registered when depends on the moments of the entries, in whichever order they are folded."""
    for history in (company_history(), company_history()[::-1]):
        firm = Company(FIRM)
        for event in history:
            evolve_company(firm, event)
        before, during, after = (Moment(day(on), Turn.ACT, 10) for on in (0, 2, 4))
        assert [bool(firm.recipient("c", at)) for at in (before, during, after)] == [False, True, False]
        assert [firm.has_point("web", at) for at in (before, during, after)] == [False, True, False]
        assert [firm.knows_purpose("posters", at) for at in (before, Moment(day(1), Turn.ACT, 6), after)] == [
            False,
            True,
            True,
        ]
        assert firm.knows_purpose("keep_books", before)


def test_visitor_remembers_the_first_refusal() -> None:
    """A browser refuses from its first refusal on, whichever was recorded first."""
    browser = Visitor(ONE)
    for position, on in ((1, 3), (2, 1), (3, 2)):
        evolve_visitor(browser, visitor.CookiesRefused(**envelope(ONE, position, on)))
    evolve_visitor(browser, visitor.SignalReceived(**envelope(ONE, 4, 1), signal="gpc", value="true"))
    assert browser.refused is not None
    assert browser.refused == Moment(datetime(2016, 4, 2, tzinfo=UTC), Turn.PROTECTION, 2)
    assert browser.version == 4


@given(st.permutations([("b", "a"), ("a", "c"), ("d", "b"), ("c", "a")]))
def test_codes_that_stand_for_each_other_come_to_one(pairs: list[tuple[str, str]]) -> None:
    """Pairs of codes in any order come to one code, and what is held is held under it."""
    state = Customer(ONE, streams={ONE: 0})
    for position, code in enumerate("abcd", 1):
        collected = {**LAWFUL, "reference_code": code, "act": Act.ORDER, "categories": ("user.name",)}
        evolve(state, events.DataCollected(**envelope(ONE, position, position), **collected))
    for code, into in pairs:
        state.unify(code, into)
    (same,) = {state.stands_for(code) for code in "abcd"}
    assert len(state.by_reference[same]) == 4
    assert {held.reference for held in state.by_position.values()} == {same}
