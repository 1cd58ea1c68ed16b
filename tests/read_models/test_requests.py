"""Requests about one's own data: open, due, overdue, answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from projections import engine, request_history
from projections.as_of import AsOfWithoutZone
from projections.at_least import NotYetWritten
from tests.controls import verified

if TYPE_CHECKING:
    from tests.read_models.conftest import History

ADA, BEA = "customer:1", "customer:2"
FIRST = datetime(2016, 4, 1, tzinfo=UTC)


def _on(day: int) -> request_history.Deadlines:
    return request_history.Deadlines(FIRST + timedelta(days=day - 1))


def test_a_request_is_open_then_due_then_overdue(history: History) -> None:
    """The deadline is 30 days after the request; in its last week it is due, and after it overdue."""
    (asked,) = history.tell(history.fact("access_request", ADA, 1, request="q-1"))
    engine.catch_up(history.connection)
    for day, state in ((1, "open"), (23, "open"), (24, "due"), (31, "due"), (32, "overdue")):
        (request,) = request_history.of(history.connection, [history.stream(asked)], _on(day))
        assert request.state == state, day
    assert (request.kind, request.asked_at, history.name(request.asked_by)) == ("access", FIRST, asked.fact)
    assert (request.deadline, request.answer) == (FIRST + timedelta(days=30), None)


def test_the_spans_are_the_askers(history: History) -> None:
    """The time for an answer, and how near its deadline a request is due, are arguments."""
    history.tell(history.fact("erasure_request", ADA, 1, request="q-1"))
    engine.catch_up(history.connection)
    terms = request_history.Deadlines(FIRST + timedelta(days=40), timedelta(days=45), timedelta(days=2))
    (request,) = request_history.listed(history.connection, terms)
    assert (request.kind, request.state) == ("erasure", "open")
    assert request_history.listed(history.connection, terms._replace(due_within=timedelta(days=5)))[0].state == "due"


@pytest.mark.parametrize(
    ("asking", "answering", "answer"),
    [
        ("access_request", "access_report_issued", "report"),
        ("correction_request", "correction", "correction"),
        ("correction_request", "correction_declined", "declined"),
        ("access_request", "request_denied", "denied"),
        ("erasure_request", "request_denied", "denied"),
    ],
)
def test_each_kind_has_its_answer(history: History, asking: str, answering: str, answer: str) -> None:
    """A request with an answer is answered, says by what and when, and is on no list of what is unanswered."""
    about = {"category": "user.name", "shows_error": True} if asking == "correction_request" else {}
    said = {
        "correction": {"category": "user.name", "value": "Ada"},
        "correction_declined": {"reason": "it is right"},
        "request_denied": {"reason": "not hers"},
    }.get(answering, {})
    asked, given = history.tell(
        history.fact(asking, ADA, 1, request="q-1", **about), history.fact(answering, ADA, 9, request="q-1", **said)
    )
    engine.catch_up(history.connection)
    (request,) = request_history.of(history.connection, [history.stream(asked)], _on(60))
    assert (request.state, request.answer, request.answered_by) == ("answered", answer, given.position)
    assert request.answered_at == FIRST + timedelta(days=8)
    assert request_history.listed(history.connection, _on(60)) == ()
    assert request_history.listed(history.connection, _on(60), states=["answered"]) == (request,)


def test_an_answer_to_another_kind_leaves_a_request_open(history: History) -> None:
    """One name may stand for two requests; each waits for its own answer."""
    history.tell(
        history.fact("access_request", ADA, 1, request="q-1"),
        history.fact("erasure_request", ADA, 2, request="q-1"),
        history.fact("access_report_issued", ADA, 3, request="q-1"),
    )
    engine.catch_up(history.connection)
    assert [request.kind for request in request_history.listed(history.connection, _on(4))] == ["erasure"]
    counts = request_history.counts(history.connection, _on(4))
    assert counts["access"] == {"open": 0, "due": 0, "overdue": 0, "answered": 1, "unanswered": 0}
    assert counts["erasure"] == {"open": 1, "due": 0, "overdue": 0, "answered": 0, "unanswered": 0}
    assert set(counts) == {"access", "correction", "erasure"}


def test_what_is_asked_again_after_an_answer_is_open(history: History) -> None:
    """It is another request, from its own time on; asked again before an answer it is the same one."""
    told = [
        history.fact("access_request", ADA, 1, request="q-1"),
        history.fact("access_request", ADA, 2, request="q-1"),
        history.fact("access_report_issued", ADA, 3, request="q-1"),
        history.fact("access_request", ADA, 5, request="q-1"),
    ]
    asked, *_, again = history.tell(*told)
    engine.catch_up(history.connection)
    found = request_history.of(history.connection, [history.stream(asked)], _on(40))
    assert [(one.asked_by, one.state) for one in found] == [(asked.position, "answered"), (again.position, "overdue")]
    assert [one.asked_by for one in request_history.listed(history.connection, _on(6))] == [again.position]
    counted = request_history.counts(history.connection, _on(6))["access"]
    assert counted == {"open": 1, "due": 0, "overdue": 0, "answered": 1, "unanswered": 0}
    history.tell(history.fact("request_denied", ADA, 6, request="q-1", reason="twice"))
    engine.catch_up(history.connection)
    found = request_history.of(history.connection, [history.stream(asked)], _on(40))
    assert [one.answer for one in found] == ["report", "denied"]


@pytest.mark.parametrize("word", ["access_report_issued", "request_denied", "request_withdrawn"])
def test_an_answer_to_an_unknown_request_answers_nothing_yet(history: History, word: str) -> None:
    """It is one of the person's, and in nobody's list or count; once the request is told, it counts."""
    said = {"reason": "not hers"} if word == "request_denied" else {}
    (answer,) = history.tell(history.fact(word, ADA, 5, request="q-1", **said))
    engine.catch_up(history.connection)
    assert request_history.listed(history.connection, _on(6), states=request_history.STATES) == ()
    assert not any(request_history.counts(history.connection, _on(6))["access"].values())
    (one,) = request_history.of(history.connection, [history.stream(answer)], _on(6))
    assert (one.asked_by, one.answered_by) == (None, answer.position)
    history.tell(history.fact("access_request", ADA, 1, request="q-1"))
    engine.catch_up(history.connection)
    assert request_history.counts(history.connection, _on(6))["access"]["answered"] == 1


def test_identity_is_that_of_the_request(history: History) -> None:
    """A check that was passed counts for its own request, and a failed one does not undo it."""
    asked, *_ = history.tell(
        history.fact("access_request", ADA, 1, request="q-1"),
        history.fact("access_request", ADA, 1, request="q-2"),
        history.fact("access_request", ADA, 1, request="q-3"),
        history.fact("identity_verification", ADA, 2, request="q-1", method="passport", passed=True),
        history.fact("identity_verification", ADA, 3, request="q-1", method="letter", passed=False),
        history.fact("identity_verification", ADA, 3, request="q-2", method="letter", passed=False),
    )
    engine.catch_up(history.connection)
    found = request_history.of(history.connection, [history.stream(asked)], _on(4))
    assert [one.identity for one in found] == ["verified", "not_verified", None]


def test_the_list_is_by_deadline_over_everybody(history: History) -> None:
    """The request to answer first comes first, of all persons; a late fact is placed by its own time."""
    later, sooner = history.tell(
        history.fact("access_request", ADA, 5, request="later"),
        history.fact("access_request", BEA, 2, request="sooner"),
    )
    engine.catch_up(history.connection)
    assert [request.asked_by for request in request_history.listed(history.connection, _on(6))] == [
        sooner.position,
        later.position,
    ]


def test_as_of_a_time_is_judged_at_that_time(history: History) -> None:
    """What was overdue on a day is found again later, though it was answered since; a position asks what was known."""
    asked, _ = history.tell(
        history.fact("access_request", ADA, 1, request="q-1"),
        history.fact("access_report_issued", ADA, 40, request="q-1"),
    )
    engine.catch_up(history.connection)
    long_after = _on(100)
    (then,) = request_history.listed(history.connection, long_after, as_of=FIRST + timedelta(days=35))
    assert (then.state, then.answer) == ("overdue", None)
    (known,) = request_history.listed(history.connection, _on(10), as_of=asked.position)
    assert known.answer is None
    assert request_history.listed(history.connection, long_after) == ()


def test_linked_streams_are_one_persons(history: History) -> None:
    """A request on one record is answered by the report on the other, once they are known to be one person."""
    asked, _, link = history.tell(
        history.fact("access_request", ADA, 1, request="q-1"),
        history.fact("access_report_issued", BEA, 2, request="q-1"),
        history.fact("opt_out_offer", ADA, 3, purpose="deliver_ads", also=[verified(BEA)]),
    )
    engine.catch_up(history.connection)
    (request,) = request_history.of(history.connection, [history.stream(asked)], _on(4))
    assert request.answer == "report"
    assert len(request_history.listed(history.connection, _on(4), states=request_history.STATES)) == 1
    before = link.position - link.events
    apart = request_history.listed(history.connection, _on(4), states=request_history.STATES, as_of=before)
    assert [(one.asked_by, one.answer) for one in apart] == [(asked.position, None)]


def test_an_erasure_takes_the_requests_with_it(history: History) -> None:
    """Who is erased is owed no answer, and their requests are gone."""
    history.tell(
        history.fact("erasure_request", ADA, 1, request="q-1"),
        history.fact("erasure", ADA, 2, reason="asked", request="q-1"),
    )
    engine.catch_up(history.connection)
    assert request_history.listed(history.connection, _on(60), states=request_history.STATES) == ()


@pytest.mark.parametrize(("ending", "unanswered"), [("request_denied", True), (None, False)])
def test_what_an_erasure_leaves_unanswered_stays_listed(
    history: History,
    ending: str | None,
    unanswered: bool,  # noqa: FBT001 - the two outcomes
) -> None:
    """Of a person who had not asked to be erased; where that request stands, the erasure ended the others."""
    ended = [history.fact(ending, ADA, 3, request="q-3", reason="no")] if ending else []
    access, correction, *_ = history.tell(
        history.fact("access_request", ADA, 1, request="q-1"),
        history.fact("correction_request", ADA, 1, request="q-2", category="user.name", shows_error=True),
        history.fact("erasure_request", ADA, 2, request="q-3"),
        history.fact("access_request", ADA, 2, request="q-4"),
        history.fact("access_report_issued", ADA, 3, request="q-4"),
        *ended,
    )
    (erased,) = history.tell(history.fact("erasure", ADA, 9, reason="left"))
    engine.catch_up(history.connection)
    listed = request_history.listed(history.connection, _on(60))
    expected = [("access", access.position, None), ("correction", correction.position, "user.name")]
    assert [(one.kind, one.asked_by, one.category) for one in listed] == (expected if unanswered else [])
    for one in listed:
        assert (one.state, one.answer, one.answered_by) == ("unanswered", None, None)
        assert (one.erased_by, one.erased_at) == (erased.position, FIRST + timedelta(days=8))
    counts = request_history.counts(history.connection, _on(60))
    assert [counts[kind]["unanswered"] for kind in ("access", "correction", "erasure")] == [*[int(unanswered)] * 2, 0]
    assert request_history.listed(history.connection, _on(60), as_of=erased.position - 1) == ()
    assert request_history.listed(history.connection, _on(60), states=["answered", "overdue"]) == ()


def test_a_moment_without_a_zone_is_refused(history: History) -> None:
    """A deadline is not compared with a time that could be any of several."""
    engine.catch_up(history.connection)
    with pytest.raises(AsOfWithoutZone):
        request_history.listed(history.connection, request_history.Deadlines(datetime(2016, 4, 1)))  # noqa: DTZ001 - that is the point


def test_as_of_a_position_deadlines_are_judged_when_its_event_was_recorded(history: History) -> None:
    """What was known at a position had the deadlines of then: today's clock and the world's time do not judge it."""
    asked, other = history.tell(
        history.fact("access_request", ADA, 1, request="q-1"),
        history.fact("opt_out_offer", ADA, 2, purpose="deliver_ads"),
    )
    engine.catch_up(history.connection)
    ((recorded,),) = history.connection.execute(
        "SELECT recorded_at FROM events WHERE position = %s", (other.position,)
    ).fetchall()
    far = request_history.Deadlines(recorded + timedelta(days=400), answer_within=recorded - FIRST + timedelta(days=10))
    (now,) = request_history.listed(history.connection, far)
    (then,) = request_history.listed(history.connection, far, as_of=other.position)
    assert (now.state, then.state) == ("overdue", "open")
    assert request_history.judged_at(history.connection, far, other.position) == recorded
    assert request_history.counts(history.connection, far, as_of=asked.position)["access"]["open"] == 1
    assert request_history.listed(history.connection, far, as_of=0) == ()
    with pytest.raises(NotYetWritten):
        request_history.judged_at(history.connection, far, other.position + 1)
