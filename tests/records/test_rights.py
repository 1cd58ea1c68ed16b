"""The fold of what a person asked, was offered and objected to depends on moments alone, and so does taking it over."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from domain.events import customer as events
from domain.moments import Moment, Turn
from domain.records.rights import ACCESS, CORRECTION, ERASURE, Corrected, Denied, Entry, Reported, RequestMade, Rights
from tests.controls import day

if TYPE_CHECKING:
    from collections.abc import Iterable

ONE, TWO = UUID(int=1), UUID(int=2)
REQUEST, PURPOSE = "R-1", "posters"
OF_REQUESTS: dict[type[events.CustomerEvent], dict[str, Any]] = {
    events.AccessRequested: {},
    events.CorrectionRequested: {"category": "user.name", "shows_error": False},
    events.ErasureRequested: {},
    events.IdentityVerified: {"method": "code"},
    events.IdentityNotVerified: {"method": "code"},
    events.AccessReportIssued: {},
    events.DataCorrected: {"category": "user.name"},
    events.CorrectionDeclined: {},
    events.RequestDenied: {},
    events.RecipientNotified: {"recipient": "carrier"},
}
OF_PURPOSES: tuple[type[events.CustomerEvent], ...] = (events.OptOutOffered, events.ObjectionRaised)
KINDS = (*OF_REQUESTS, *OF_PURPOSES)


def made(
    kind: type[events.CustomerEvent], position: int, on: float = 1, stream: UUID = ONE, name: str | None = None
) -> events.CustomerEvent:
    """Return an event of a kind, about request R-1 or the purpose posters unless another is named."""
    about = (
        {"purpose": name or PURPOSE} if kind in OF_PURPOSES else {"request_code": name or REQUEST, **OF_REQUESTS[kind]}
    )
    envelope: dict[str, Any] = {"actor": "a", "source": "/s", "fact_id": str(position), "policy": "p"}
    place = {"originator_id": stream, "originator_version": position, "position": position, "occurred_at": day(on)}
    return kind(**{**envelope, **place, **about})


def fold(history: Iterable[events.CustomerEvent]) -> Rights:
    """Fold a history into what is on record."""
    rights = Rights()
    for event in history:
        rights.note(event, getattr(event, "request_code", ""))
    return rights


def known(rights: Rights) -> dict[str, Any]:
    """Return all that is on record; a name about which nothing is stands for nothing."""
    lists = {name: {key: one for key, one in getattr(rights, name).items() if one} for name in ("offers", "objections")}
    matters = {name: asdict(matter) for name, matter in rights.matters.items()}
    asked_about = {name: matter for name, matter in matters.items() if any(matter.values())}
    return {**lists, "matters": asked_about, "corrections": rights.corrections}


@st.composite
def event_of(draw: st.DrawFn, position: int) -> events.CustomerEvent:
    """Draw one event on one of two streams, on one of few days, about one of two names."""
    kind = draw(st.sampled_from(KINDS))
    stream, name = draw(st.sampled_from([ONE, TWO])), draw(st.sampled_from(["R-1", "R-2"]))
    return made(kind, position, draw(st.integers(0, 3)), stream, name)


@st.composite
def histories(draw: st.DrawFn) -> list[events.CustomerEvent]:
    """Draw a history on two streams, in the order of its positions."""
    return [draw(event_of(position)) for position in range(1, draw(st.integers(0, 14)) + 1)]


@settings(max_examples=150, deadline=None)
@given(history=histories(), data=st.data())
def test_order_of_folding_does_not_matter(history: list[events.CustomerEvent], data: st.DataObject) -> None:
    """The same events in any order give the same record, since each keeps its moment."""
    assert known(fold(history)) == known(fold(data.draw(st.permutations(history))))


@settings(max_examples=150, deadline=None)
@given(history=histories())
def test_absorbing_is_folding_the_merge(history: list[events.CustomerEvent]) -> None:
    """To take over another stream's record gives what folding both histories into one would have given."""
    one, two = ([event for event in history if event.originator_id == stream] for stream in (ONE, TWO))
    apart = fold(one)
    apart.absorb(fold(two))
    assert known(apart) == known(fold(history))


def test_absorbing_leaves_the_other_alone() -> None:
    """What is taken over is not shared: later events on one record do not reach the other."""
    mine, other = fold([]), fold([made(kind, place) for place, kind in enumerate(KINDS, 1)])
    before = known(other)
    mine.absorb(other)
    for place, kind in enumerate(KINDS, 50):
        mine.note(made(kind, place), REQUEST)
    assert known(other) == before


def test_each_event_has_its_place() -> None:
    """Every event about a request stands in the matter of its name, and every purpose has its own lists."""
    rights = fold(made(kind, place) for place, kind in enumerate(KINDS, 1))
    at = {kind: Moment(day(1), kind.turn, place) for place, kind in enumerate(KINDS, 1)}
    matter, asked = rights.matters[REQUEST], partial(RequestMade, stream=ONE, code=REQUEST)
    assert matter.requests == [
        asked(at[events.AccessRequested], ACCESS),
        asked(at[events.CorrectionRequested], CORRECTION, shows_error=False, category="user.name"),
        asked(at[events.ErasureRequested], ERASURE),
    ]
    assert matter.verified == [Entry(at[events.IdentityVerified], ONE)]
    assert matter.reported == [Reported(at[events.AccessReportIssued], stream=ONE)]
    corrected = at[events.DataCorrected]
    assert rights.corrections == [Corrected(corrected, "user.name", ONE)]
    assert matter.corrected == [Corrected(corrected._replace(turn=Turn.ANSWER), "user.name", ONE)]
    assert matter.declined == [Entry(at[events.CorrectionDeclined], ONE)]
    assert matter.denied == [Denied(at[events.RequestDenied], stream=ONE)]
    assert rights.offers == {PURPOSE: [Entry(at[events.OptOutOffered], ONE)]}
    assert rights.objections == {PURPOSE: [Entry(at[events.ObjectionRaised], ONE)]}


@pytest.mark.parametrize("kind", [events.IdentityNotVerified, events.RecipientNotified])
def test_what_no_promise_rests_on_changes_nothing(kind: type[events.CustomerEvent]) -> None:
    """A check that failed verifies nothing, and to tell a recipient answers nobody."""
    assert known(fold([made(kind, 1)])) == known(Rights())


@pytest.mark.parametrize(
    ("kind", "answers"),
    [(ACCESS, {"reported", "denied"}), (CORRECTION, {"corrected", "declined", "denied"}), (ERASURE, {"denied"})],
)
def test_what_answers_what(kind: str, answers: set[str]) -> None:
    """A report answers an access request, a correction or decline a correction request, and a denial any."""
    matter = fold(made(each, place) for place, each in enumerate(OF_REQUESTS, 1)).matters[REQUEST]
    of_each = {name: getattr(matter, name) for name in ("reported", "corrected", "declined", "denied")}
    wanted = {entry.position for name in answers for entry in of_each[name]}
    assert {entry.position for entry in matter.answers(kind)} == wanted
