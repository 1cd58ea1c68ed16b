"""Reading one's own write: a question waits until its read models know of a position, or says why it cannot."""

from __future__ import annotations

import time
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from domain.policy.judge import Judge
from projections import (
    activity_counts,
    engine,
    holding_history,
    people,
    request_history,
    sharing_history,
    subscription_history,
    suppression_list,
)
from projections.at_least import NotYetWritten, ProjectionBehind, settled
from tests.controls import START
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.read_models.conftest import History

ADA = "customer:1"
TERMS = request_history.Deadlines(START)


def _questions(history: History) -> dict[str, Callable[[int | None, int | None], object]]:
    """Return every question of every read model, about one stream or everybody; each takes as_of and at_least."""
    link, judge = history.connection, Judge(history.installation.policy)
    (stream,) = (history.events()[1].originator_id,)
    return {
        "people": lambda as_of, least: people.streams_of(link, stream, as_of=as_of, at_least=least),
        "subscriptions": lambda as_of, least: subscription_history.current(link, [stream], as_of=as_of, at_least=least),
        "counts": lambda as_of, least: subscription_history.counts(link, as_of=as_of, at_least=least),
        "sharing": lambda as_of, least: sharing_history.of(link, [stream], as_of=as_of, at_least=least),
        "holdings": lambda as_of, least: holding_history.of(link, [stream], as_of=as_of, at_least=least),
        "held": lambda as_of, least: holding_history.counts(link, as_of=as_of, at_least=least),
        "requests": lambda as_of, least: request_history.of(link, [stream], TERMS, as_of=as_of, at_least=least),
        "asked": lambda as_of, least: request_history.listed(link, TERMS, as_of=as_of, at_least=least),
        "requested": lambda as_of, least: request_history.counts(link, TERMS, as_of=as_of, at_least=least),
        "suppression": lambda as_of, least: suppression_list.of(link, judge, [stream], as_of=as_of, at_least=least),
        "listed": lambda as_of, least: suppression_list.page(link, judge, as_of=as_of, at_least=least),
        "suppressed": lambda as_of, least: suppression_list.counts(link, judge, as_of=as_of, at_least=least),
        "changes": lambda as_of, least: suppression_list.changes(link, judge, after=0, as_of=as_of, at_least=least),
        "activities": lambda as_of, least: activity_counts.by_activity(link, as_of=as_of, at_least=least),
        "promises": lambda as_of, least: activity_counts.by_promise(link, as_of=as_of, at_least=least),
        "days": lambda as_of, least: activity_counts.by_day(link, as_of=as_of, at_least=least),
    }


def test_a_question_waits_for_a_catch_up_under_way(history: History) -> None:
    """An answer right after an append knows the appended event, once the read model has caught up."""
    engine.prepare(history.connection)
    receipt, _ = history.tell(
        history.collection("order", ADA, 1, "O-1"),
        history.fact("opt_out", ADA, 2, program="email_marketing", via="portal"),
    )
    stream, end = history.stream(receipt), history.events()[-1].position
    assert subscription_history.current(history.connection, [stream]) == {}

    def catch_up_later() -> None:
        time.sleep(0.2)
        with history.installation.connect() as connection:
            engine.catch_up(connection, window=1)

    helper = Thread(target=catch_up_later)
    helper.start()
    now = subscription_history.current(history.connection, [stream], at_least=end)
    helper.join(timeout=PATIENCE)
    assert now["email_marketing"].state == "opted_out"


def test_every_question_waits_for_its_read_models(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """No question answers from a read model that is behind, and each answers once it is not."""
    engine.prepare(history.connection)
    history.tell(history.collection("order", ADA, 1, "O-1"))
    end = len(history.events())
    monkeypatch.setattr("projections.at_least.WAIT_SECONDS", 0.0)
    monkeypatch.setitem(settled.__kwdefaults__ or {}, "wait_seconds", 0.0)
    for name, ask in _questions(history).items():
        for as_of, at_least in ((None, end), (end, None)):
            with pytest.raises(ProjectionBehind, match=f"Position {end} "):
                pytest.fail(f"{name} answered {ask(as_of, at_least)}")
    engine.catch_up(history.connection)
    for ask in _questions(history).values():
        assert ask(None, end) == ask(end, end)


def test_a_position_that_the_log_does_not_have_is_refused(history: History) -> None:
    """Every question for a position that was never appended fails at once."""
    history.tell(history.collection("order", ADA, 1, "O-1"))
    engine.catch_up(history.connection)
    end = len(history.events())
    for name, ask in _questions(history).items():
        with pytest.raises(NotYetWritten, match=f"no position {end + 1} "):
            pytest.fail(f"{name} answered {ask(None, end + 1)}")


def test_what_was_known_at_a_position_beyond_the_log_is_not_answered(history: History) -> None:
    """No question answers as of a position that does not exist yet."""
    history.tell(history.collection("order", ADA, 1, "O-1"))
    engine.catch_up(history.connection)
    end = len(history.events())
    for name, ask in _questions(history).items():
        for beyond in (end + 1, 2**63 - 1):
            with pytest.raises(NotYetWritten, match=rf"its last position is {end}\."):
                pytest.fail(f"{name} answered {ask(beyond, None)}")


def test_a_read_model_that_stays_behind_is_named(history: History) -> None:
    """After waiting, the error names the read models that are behind, and how far they are."""
    (receipt,) = history.tell(history.collection("order", ADA, 1, "O-1"))
    engine.catch_up(history.connection, [people.PROJECTION])
    engine.prepare(history.connection)
    with pytest.raises(ProjectionBehind, match="subscriptions at 0") as raised:
        settled(history.connection, subscription_history.READS, at_least=receipt.position, wait_seconds=0.01)
    assert "people" not in raised.value.why
