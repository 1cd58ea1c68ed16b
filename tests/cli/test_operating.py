"""projections and rebuild: how read models stand, and making them anew from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest

from adapters.bootstrap import opened
from adapters.cli.signals import interruptible, stoppable
from adapters.settings import load_settings
from projections import checkpoints, engine
from projections.engine.shadows import claim
from tests.cli.sample import COLLECTED, opt_out
from tests.cli.test_documents import DOCUMENTED
from tests.controls import lines
from tests.serving import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adapters.settings import Settings
    from tests.cli.conftest import Ran

pytestmark = pytest.mark.slow

NAMES = [str(projection.name) for projection in engine.PROJECTIONS]


@pytest.fixture
def settings(begun: None, pledger: Callable[..., Ran], environment: dict[str, str], tmp_path: Path) -> Settings:
    """Return an installation with one fact in it."""
    assert pledger("append", "-", stdin=lines(COLLECTED)).code == 0
    return load_settings(home=tmp_path / "home", database_url=environment["PLEDGER_DATABASE_URL"])


def test_lag_is_shown_and_nothing_is_moved(pledger: Callable[..., Ran], settings: Settings) -> None:
    """What was appended and not read yet is behind, before and after it was shown; reading catches up."""
    del settings
    for _ in range(2):
        found = pledger("projections", "--format", "json").json["projections"]
        assert [one["projection"] for one in found] == NAMES
        assert all(one["position"] == 0 < one["behind"] and one["lag_seconds"] > 0 for one in found)
    pledger("status")
    found = pledger("projections", "--format", "json").json["projections"]
    assert all((one["behind"], one["lag_seconds"], one["obstacle"]) == (0, 0, None) for one in found)
    assert "well" in pledger("projections").out


def test_all_are_rebuilt_or_those_that_are_named(pledger: Callable[..., Ran], settings: Settings) -> None:
    """The document says what was read and written; the table ends with the rate of all together."""
    del settings
    document = pledger("rebuild", "--format", "json").json
    assert list(document["rebuilt"]) == NAMES
    assert set(document["rebuilt"]["subscriptions"]) == {"position", "events", "rows", "seconds", "events_per_second"}
    assert document["rebuilt"]["subscriptions"]["rows"] == 1
    assert list(pledger("rebuild", "people", "people", "--format", "json").json["rebuilt"]) == ["people"]
    assert "a second." in pledger("rebuild").out


def test_a_name_that_there_is_not_is_refused(pledger: Callable[..., Ran], settings: Settings) -> None:
    """The error lists those that there are, and nothing is rebuilt."""
    del settings
    ran = pledger("rebuild", "people", "peoples")
    assert ran.code == 1
    assert "unknown_projection" in ran.err
    assert "subscriptions" in ran.err


def test_one_that_runs_is_refused_and_one_left_half_way_is_cancelled(
    pledger: Callable[..., Ran], settings: Settings
) -> None:
    """While somebody is at it, another rebuild exits with 1; --cancel ends it, and a second --cancel finds nothing."""
    people = engine.PROJECTIONS[0]
    with opened(settings) as installation, installation.connect() as connection:
        engine.prepare(connection)
        claim(connection, [people], installation.identity.ledger_id)
        ran = pledger("rebuild")
        assert (ran.code, "rebuild_running" in ran.err) == (1, True)
        assert "rebuilding at 0" in pledger("projections").out
        assert pledger("rebuild", "people", "--cancel", "--format", "json").json == {"cancelled": ["people"]}
    assert "No rebuild was under way" in pledger("rebuild", "--cancel").out


def test_a_stop_is_told_with_what_to_do(pledger: Callable[..., Ran], settings: Settings) -> None:
    """A read model that one event stopped is shown with the error that names it, and a rebuild of it exits with 1."""
    with opened(settings) as installation, installation.connect() as connection:
        engine.prepare(connection)
        connection.execute("ALTER TABLE subscriptions ADD CONSTRAINT no CHECK (position < 0)")
    pledger("status")
    (found,) = (
        one
        for one in pledger("projections", "--format", "json").json["projections"]
        if one["projection"] == "subscriptions"
    )
    assert found["obstacle"]["code"] == "poison_event"
    assert "position 3: CustomerEnrolled.v1 from /shop" in found["obstacle"]["what"]
    table = pledger("projections").out
    assert "poison_event" in table
    assert "Do: " in table
    ran = pledger("subscriptions", "customer:1", "--format", "json")
    assert (ran.code, json.loads(ran.err)["error"]["code"]) == (1, "poison_event")
    assert pledger("rebuild", "subscriptions").code == 0
    assert pledger("subscriptions", "customer:1").code == 0


def test_the_first_interrupt_stops_in_between_and_the_second_at_once() -> None:
    """Ctrl-C sets the stop; pressed again it ends the program; afterwards everything is as it was."""
    before = signal.getsignal(signal.SIGINT)
    with interruptible() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.wait(timeout=PATIENCE)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_meets_the_lock_of_the_event_is_not_lost(number: int) -> None:
    """A handler runs wherever the main thread is: where that holds the event's lock, it must not wait for it."""

    def too_late(_number: int, _frame: object) -> None:
        raise AssertionError("The handler waits for a lock that its own thread holds.")

    before = signal.signal(signal.SIGALRM, too_late)
    try:
        with stoppable() as stop:
            with stop._cond:  # type: ignore[attr-defined]
                signal.setitimer(signal.ITIMER_REAL, 5)
                os.kill(os.getpid(), number)
                signal.setitimer(signal.ITIMER_REAL, 0)
            assert stop.wait(timeout=PATIENCE)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_who_stops_a_rebuild_is_told_once_what_to_do(
    pledger: Callable[..., Ran], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each read model has a line that says how far it is; the advice is one, and names those that are not done."""
    del settings

    @contextmanager
    def pressed() -> Iterator[Event]:
        stop = Event()
        stop.set()
        yield stop

    monkeypatch.setattr("adapters.cli.projections.interruptible", pressed)
    ran = pledger("rebuild")
    told = ran.out.splitlines()
    assert ran.code == 1
    assert told == [
        *(f"The rebuild of {name} stopped at 0 of 3 events." for name in NAMES),
        "The tables in use are as they were. To resume: pledger rebuild",
        "To throw the work away: pledger rebuild --cancel",
    ]
    some = pledger("rebuild", "people", "holdings").out.splitlines()
    assert some[-1] == "To throw the work away: pledger rebuild people holdings --cancel"


def test_what_is_left_over_of_a_read_model_is_told_and_removed(pledger: Callable[..., Ran], settings: Settings) -> None:
    """Erased people stay in a table that no projection keeps: doctor says so until it is removed, shadow and all."""
    gone = replace(engine.PROJECTIONS[0], name="gone_by")
    with opened(settings) as installation, installation.connect() as connection:
        engine.prepare(connection, [gone])
        claim(connection, [gone], installation.identity.ledger_id)
        ill = pledger("doctor")
        assert (ill.code, "pledger projections --remove gone_by" in ill.out) == (1, True)
        assert pledger("projections", "--format", "json").json["left_over"] == ["gone_by"]
        assert "pledger projections --remove gone_by" in pledger("projections").out
        for kept in ("people", "events", "nobody's"):
            ran = pledger("projections", "--remove", kept)
            assert (ran.code, "not_left_over" in ran.err, "gone_by" in ran.err) == (1, True, True)
        assert pledger("projections", "--remove", "gone_by", "--format", "json").json == {"removed": "gone_by"}
        tables = connection.execute("SELECT relname FROM pg_class WHERE relname LIKE 'gone_by%'").fetchall()
        assert (tables, engine.left_over(connection)) == ([], [])
        assert pledger("doctor").code == 0
        # Whoever brings it back has it made from the first event on.
        engine.catch_up(connection, [gone])
        assert engine.positions(connection, [gone]) == {"gone_by": checkpoints.size(connection)}


def test_sentences_begin_with_a_capital_letter(pledger: Callable[..., Ran], settings: Settings) -> None:
    """Why something is in the way of a read model stands after a full stop."""
    with opened(settings) as installation, installation.connect() as connection:
        engine.prepare(connection)
        connection.execute("UPDATE projection_checkpoints SET definition = 'of another version'")
    assert "is out of date. Its rows were made by" in pledger("projections").out


@pytest.mark.parametrize(("command", "presses"), [("rebuild", 2), ("follow", 2), ("status", 1)])
def test_the_last_interrupt_says_what_is_left(
    settings: Settings, environment: dict[str, str], command: str, presses: int
) -> None:
    """A command ended by repeated Ctrl-C says how to go on; its exit code is the shell's for an interrupt."""
    with opened(settings) as installation, installation.connect() as connection:
        engine.prepare(connection)
        with connection.transaction():
            # Whoever moves a read model along waits for this row.
            connection.execute("LOCK TABLE projection_checkpoints, projection_rebuilds IN ACCESS EXCLUSIVE MODE")
            program = subprocess.Popen(
                [str(Path(sys.executable).parent / "pledger"), command, "--format", "json"],
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, **environment},
            )
            with opened(settings) as another, another.connect() as watching:
                while not watching.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                    assert program.poll() is None, "it ended before it waited"
                    time.sleep(0.05)
            for _ in range(presses):
                program.send_signal(signal.SIGINT)
                time.sleep(0.5)
            program.wait(timeout=PATIENCE)
    assert program.stderr is not None
    error = json.loads(program.stderr.read().splitlines()[-1])["error"]
    assert (program.returncode, error["code"]) == (130, "cut_short")
    assert "Ctrl-C ended" in error["what"]
    assert error["why"]
    assert error["hint"]


def test_following_keeps_up_until_it_is_interrupted(
    pledger: Callable[..., Ran], settings: Settings, environment: dict[str, str]
) -> None:
    """A program of its own moves the read models along while facts arrive, and ends well at Ctrl-C."""
    command = [str(Path(sys.executable).parent / "pledger"), "follow", "--format", "json"]
    follower = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    try:
        assert follower.stdout is not None
        first = json.loads(follower.stdout.readline())
        assert set(first) == DOCUMENTED["follow"]
        pledger("append", "-", stdin=lines(opt_out("o-1")))
        with opened(settings) as installation, installation.connect() as connection:
            end = checkpoints.size(connection)
        told = first
        while told["projections"][-1]["position"] < end:
            told = json.loads(follower.stdout.readline())
        assert {one["projection"]: one["position"] for one in told["projections"]} == dict.fromkeys(NAMES, end)
    finally:
        follower.send_signal(signal.SIGINT)
        assert follower.wait(timeout=PATIENCE) == 0
