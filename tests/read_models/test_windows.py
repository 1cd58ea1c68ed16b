"""The engine: the tables equal a plain fold, no matter how history is cut into windows, or by which process."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from projections import checkpoints, engine, subscription_history
from projections.engine.catch_up import _advance
from tests.laws.histories import facts_of
from tests.read_models import slow_fold
from tests.read_models.steps import steps
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from projections.projection import Projection
    from tests.laws.histories import Step
    from tests.read_models.conftest import History


@settings(
    max_examples=25,
    derandomize=True,  # The same histories each time: what fails, fails for everybody.
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    taken=steps(), halt=st.integers(0, 40), window=st.integers(1, 40), cuts=st.lists(st.integers(1, 400), max_size=4)
)
def test_any_split_into_windows_is_the_fold(
    history: History, taken: list[Step], halt: int, window: int, cuts: list[int]
) -> None:
    """Catching up between appends, or afterwards in any windows, gives the tables of a plain fold."""
    crowd = str(checkpoints.size(history.connection))
    facts = facts_of(taken, crowd)
    engine.catch_up(history.connection)
    history.take(facts[:halt])
    engine.catch_up(history.connection, window=window)
    history.take(facts[halt:])
    engine.catch_up(history.connection, window=window)
    log = history.events()
    expected = slow_fold.tables(log)
    assert history.rows() == expected

    history.start_over()
    for cut in sorted(cuts):
        engine.catch_up(history.connection, upto=cut, window=window * 7)
    reached = engine.catch_up(history.connection, window=97)
    assert set(reached.values()) == {len(log)}
    assert history.rows() == expected


def _crowd(history: History, people: int) -> None:
    history.tell(
        *(
            fact
            for number in range(people)
            for fact in (
                history.collection("order", f"customer:{number}", 1, f"O-{number}"),
                history.fact("opt_out", f"customer:{number}", 2, program="email_marketing", via="portal"),
            )
        )
    )


def test_two_processes_that_catch_up_at_once_both_succeed(history: History) -> None:
    """Four connections prepare and catch up at the same time in small windows; each event counts once."""
    _crowd(history, 60)
    barrier, reached, failures = Barrier(4), [], []

    def catch_up(window: int) -> None:
        try:
            with history.installation.connect() as connection:
                barrier.wait()
                engine.prepare(connection)
                reached.append(engine.catch_up(connection, window=window))
        except Exception as error:  # noqa: BLE001 - whatever it is fails the test
            failures.append(error)

    threads = [Thread(target=catch_up, args=[window]) for window in (3, 5, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    log = history.events()
    assert failures == []
    assert reached == [dict.fromkeys((one.name for one in engine.PROJECTIONS), len(log))] * 4
    assert history.rows() == slow_fold.tables(log)


def test_a_break_in_the_middle_of_a_window_leaves_it_undone(history: History) -> None:
    """A process that dies inside a window has moved neither rows nor checkpoint, and the next goes on from there."""
    _crowd(history, 10)
    engine.catch_up(history.connection, upto=12, window=5)
    before = history.rows()
    dying = history.installation.connect()
    dying.execute("BEGIN")
    assert _advance(dying, subscription_history.PROJECTION, 12, 20) is not None
    dying.close()
    assert history.rows() == before
    assert engine.positions(history.connection)["subscriptions"] == 12
    engine.catch_up(history.connection)
    assert history.rows() == slow_fold.tables(history.events())


def test_a_window_from_where_the_checkpoint_is_not_changes_nothing(history: History) -> None:
    """A process with an old checkpoint learns that it is old, and writes nothing."""
    _crowd(history, 3)
    engine.catch_up(history.connection)
    before = history.rows()
    assert _advance(history.connection, subscription_history.PROJECTION, 0, 5) is None
    assert history.rows() == before


def test_status_tells_position_and_lag(history: History) -> None:
    """A projection says how far it has read and how much it has not, before it was ever made too."""
    _crowd(history, 3)
    size = len(history.events())
    assert engine.lags(history.connection)["subscriptions"] == {"position": 0, "behind": size}
    engine.catch_up(history.connection, upto=4)
    assert engine.lags(history.connection)["subscriptions"] == {"position": 4, "behind": size - 4}
    engine.catch_up(history.connection, upto=size + 100)
    assert engine.lags(history.connection)["subscriptions"] == {"position": size, "behind": 0}


def test_a_connection_inside_a_transaction_is_refused(history: History) -> None:
    """Windows commit one by one, so a connection whose caller holds the transaction cannot be used."""
    with (
        history.installation.database.connect(autocommit=False) as connection,
        pytest.raises(ValueError, match="autoc"),
    ):
        engine.catch_up(connection)


def test_a_window_of_nothing_is_refused(history: History) -> None:
    """A window must hold an event, or catching up would never end."""
    with pytest.raises(ValueError, match="window"):
        engine.catch_up(history.connection, window=0)


@pytest.mark.parametrize("projection", engine.PROJECTIONS, ids=lambda projection: projection.name)
def test_statements_are_immutable_and_stay_in_the_schema(projection: Projection) -> None:
    """What a statement writes depends on its window alone, and it runs in a distributed schema too."""
    text = f"{projection.tables} {projection.statement} {projection.purge or ''}".lower()
    for banned in ("now()", "clock_timestamp", "default", "serial", "format(", "jsonb_build", "::timestamptz", "lock "):
        assert banned not in text
    assert " as select" not in projection.tables.lower()
