"""The state of subscriptions: what is asked, as of when, of whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from projections import engine, subscription_history
from projections.as_of import AsOfWithoutZone
from tests.controls import verified

if TYPE_CHECKING:
    from uuid import UUID

    from projections.as_of import AsOf
    from tests.read_models.conftest import History

MAIL = "email_marketing"
ADA = "customer:1"


def _state(history: History, stream: UUID, as_of: AsOf = None) -> str | None:
    engine.catch_up(history.connection)
    change = subscription_history.current(history.connection, [stream], as_of=as_of).get(MAIL)
    return change.state if change else None


def test_a_first_purchase_enrolls_with_its_cause(history: History) -> None:
    """An order enrolls its customer in e-mail marketing, and the change says by which fact and why."""
    (receipt,) = history.tell(history.collection("order", ADA, 1, "O-1"))
    engine.catch_up(history.connection)
    (change,) = subscription_history.of(history.connection, [history.stream(receipt)])
    assert (change.program, change.state, change.cause, change.why) == (MAIL, "enrolled", "purchase", "purchase")
    assert (history.name(change.position), change.position, change.lawful) == (receipt.fact, receipt.position, True)
    assert change.at == datetime(2016, 4, 1, tzinfo=UTC)


def test_a_purchase_after_an_opt_out_does_not_enroll_again(history: History) -> None:
    """Who opted out stays out, however much they buy."""
    first, *_ = history.tell(
        history.collection("order", ADA, 1, "O-1"),
        history.fact("opt_out", ADA, 2, program=MAIL, via="portal"),
        history.collection("order", ADA, 3, "O-2"),
    )
    assert _state(history, history.stream(first)) == "opted_out"
    assert [change.why for change in subscription_history.of(history.connection, [history.stream(first)])] == [
        "purchase",
        "portal",
    ]


def test_a_late_fact_does_not_override_what_happened_after_it(history: History) -> None:
    """An enrollment that arrives last but happened before the opt-out leaves the person opted out."""
    first, *_ = history.tell(
        history.fact("opt_out", ADA, 5, program=MAIL, via="portal"),
        history.collection("contest_entry", ADA, 2, "C-1"),
    )
    assert _state(history, history.stream(first)) == "opted_out"
    assert _state(history, history.stream(first), datetime(2016, 4, 3, tzinfo=UTC)) == "enrolled"


def test_a_position_asks_what_was_known_and_a_time_what_had_happened(history: History) -> None:
    """An opt-out of the second that became known after an order of the fifth shows in one and not in the other."""
    order, _ = history.tell(
        history.collection("order", ADA, 1, "O-1"), history.fact("opt_out", ADA, 2, program=MAIL, via="portal")
    )
    stream = history.stream(order)
    assert _state(history, stream, order.position) == "enrolled"
    assert _state(history, stream, datetime(2016, 4, 2, tzinfo=UTC)) == "opted_out"
    assert _state(history, stream, datetime(2016, 4, 1, 23, tzinfo=UTC)) == "enrolled"
    assert _state(history, stream, datetime(2016, 3, 1, tzinfo=UTC)) is None


def test_a_time_without_a_zone_is_refused(history: History) -> None:
    """A question about a time without a zone is not guessed."""
    engine.prepare(history.connection)
    with pytest.raises(AsOfWithoutZone):
        subscription_history.counts(history.connection, as_of=datetime(2016, 4, 1))  # noqa: DTZ001 - that is the point


def test_a_tie_in_time_goes_by_position(history: History) -> None:
    """Of two changes at one time the later in the log is the state."""
    first, *_ = history.tell(
        history.collection("contest_entry", ADA, 1, "C-1"), history.fact("opt_out", ADA, 1, program=MAIL, via="portal")
    )
    assert _state(history, history.stream(first)) == "opted_out"


def test_a_cancelled_order_ends_the_enrollment_that_it_alone_caused(history: History) -> None:
    """An ended enrollment is neither enrolled nor opted out, and says that its order was cancelled."""
    first, _ = history.tell(
        history.collection("order", ADA, 1, "O-1"), history.fact("order_cancelled", ADA, 2, reference="O-1")
    )
    assert _state(history, history.stream(first)) == "ended"
    assert subscription_history.of(history.connection, [history.stream(first)])[-1].why == "order_cancelled"
    assert subscription_history.counts(history.connection)[MAIL] == {"enrolled": 0, "opted_out": 0}


def test_an_unlawful_enrollment_shows_what_happened_and_what_it_broke(history: History) -> None:
    """An imported address list enrolls, and the change names the promise that it breaks."""
    (receipt,) = history.tell(history.fact("enrollment", ADA, 1, program=MAIL, cause="import"))
    engine.catch_up(history.connection)
    (change,) = subscription_history.of(history.connection, [history.stream(receipt)])
    assert (change.state, change.lawful) == ("enrolled", False)
    assert "P11" in change.broken


def test_counts_have_every_program_with_zeros(history: History) -> None:
    """A ledger without customers counts nobody in each program."""
    engine.catch_up(history.connection)
    nobody = {"enrolled": 0, "opted_out": 0}
    assert subscription_history.counts(history.connection) == {MAIL: nobody, "physical_mailings": nobody}


def test_linked_streams_read_and_count_as_one_person(history: History) -> None:
    """Two records that turn out to be one person have one state and count once, from the link on."""
    by_mail, by_number, link = history.tell(
        history.collection("contest_entry", "email:ada@marker.test", 1, "C-1"),
        history.collection("order", ADA, 2, "O-1"),
        history.fact("opt_out", ADA, 3, program=MAIL, via="portal", also=[verified("email:ada@marker.test")]),
    )
    assert _state(history, history.stream(by_mail)) == "opted_out"
    assert _state(history, history.stream(by_number)) == "opted_out"
    assert subscription_history.counts(history.connection)[MAIL] == {"enrolled": 0, "opted_out": 1}
    before = link.position - link.events
    assert subscription_history.counts(history.connection, as_of=before)[MAIL] == {"enrolled": 2, "opted_out": 0}
    assert _state(history, history.stream(by_mail), before) == "enrolled"
