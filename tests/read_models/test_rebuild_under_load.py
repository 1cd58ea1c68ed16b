"""Facts arrive, people are erased, others catch up, and rebuilds are killed, all at once: the tables equal the fold."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from projections import checkpoints, engine
from projections.engine.shadows import RebuildRunning
from tests.laws.histories import NAME_KINDS, OF_CONTACT_POINTS, PEOPLE, Step, facts_of
from tests.read_models import slow_fold
from tests.read_models.steps import steps

if TYPE_CHECKING:
    from domain.errors import PledgerError
    from tests.read_models.conftest import History

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("rebuilding_process.py")
KILLS = 4
KINDS = (
    "order",
    "contest_entry",
    "gift",
    "out",
    "out",
    "share",
    "access",
    "verify",
    "link",
    "correct",
    *OF_CONTACT_POINTS,
)


def _kill_a_rebuild(history: History, after_lines: int) -> None:
    """Start a rebuild in a program of its own, and kill it once it has told of so many windows."""
    database = history.installation.database
    command = [sys.executable, str(PROGRAM), database.url, database.ledger]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        for _ in range(after_lines):
            if not program.stdout.readline():
                break
        program.kill()


def _follow(history: History, window: int, stop: Event, failures: list[BaseException]) -> None:
    """Catch up until told to stop."""
    try:
        with history.installation.connect() as connection:
            while not stop.wait(0.005):
                engine.catch_up(connection, window=window)
    except BaseException as error:  # noqa: BLE001 - whatever it is fails the test
        failures.append(error)


def _tell(history: History) -> None:
    """Tell of a crowd in batches, and erase somebody now and then."""
    rng = Random(7)  # noqa: S311 - a repeatable crowd, no secret
    for number in range(60):
        names = tuple(rng.choice(NAME_KINDS) for _ in range(PEOPLE))
        taken = [Step(rng.choice(KINDS), rng.randint(1, 3), rng.randint(1, 9), rng.randint(0, 5)) for _ in range(12)]
        if number % 5 == 4:
            taken.append(Step("erase", rng.randint(1, 3), 9, 1))
        taken = [step.named(names) for step in taken]
        history.installation.ledger.append_many(facts_of(taken, str(number % 7), source=f"/{number}"))


def _rebuild_to_the_end(history: History) -> dict[str, engine.Rebuilt | PledgerError]:
    """Take up what was killed, as soon as the server has noticed that it was."""
    for _ in range(100):
        with suppress(RebuildRunning):
            return engine.rebuild(history.installation.connect, window=50)
        time.sleep(0.1)
    message = "a killed program holds its rebuilds for ever"
    raise AssertionError(message)


def test_everything_at_once_ends_in_the_tables_of_the_fold(history: History) -> None:
    """While two follow and facts and erasures arrive, rebuilds are killed and taken up; no row is lost or doubled."""
    stop = Event()
    failures: list[BaseException] = []
    engine.prepare(history.connection)
    followers = [Thread(target=_follow, args=[history, window, stop, failures]) for window in (1, 6)]
    telling = Thread(target=_tell, args=[history])
    for thread in (*followers, telling):
        thread.start()
    left_half_way = 0
    for kill in range(KILLS):
        _kill_a_rebuild(history, 3 + 5 * kill)
        left_half_way += sum(one.rebuild is not None for one in engine.status(history.connection))
    telling.join(60)
    outcomes = _rebuild_to_the_end(history)
    stop.set()
    for thread in followers:
        thread.join(10)
    assert left_half_way
    assert failures == []
    assert all(isinstance(outcome, engine.Rebuilt) for outcome in outcomes.values())
    engine.catch_up(history.connection)
    log = history.events()
    assert set(engine.positions(history.connection).values()) == {len(log)}
    assert history.rows() == slow_fold.tables(log)


@pytest.mark.slow
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,  # The same histories each time: what fails, fails for everybody.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(taken=steps(), read=st.integers(0, 40), window=st.integers(1, 60), rest=st.integers(1, 400))
def test_a_rebuild_is_the_fold(history: History, taken: list[Step], read: int, window: int, rest: int) -> None:
    """A rebuild that is stopped after a window, and continued after more facts, gives the tables of the fold."""
    crowd = str(checkpoints.size(history.connection))
    facts = facts_of(taken, crowd)
    history.take(facts[:read])
    stop = Event()
    engine.rebuild(history.installation.connect, window=window, told=lambda _: stop.set(), stop=stop)
    history.take(facts[read:])
    engine.catch_up(history.connection, window=window)
    engine.rebuild(history.installation.connect, window=rest)
    assert history.rows() == slow_fold.tables(history.events())
