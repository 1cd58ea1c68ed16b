"""Workers that die, lose the database, or are several: what was appended is told, in order, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.controls import opt_out
from tests.serving import eventually
from tests.webhooks.test_messages import append, entered, left

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.bootstrap import Installation
    from tests.webhooks.conftest import Got, Hooks, Receiver

ROOT = Path(__file__).parents[2]
KILLS = 6
PEOPLE, EACH = 10, 12


@contextmanager
def worker(installation: Installation) -> Iterator[subprocess.Popen[str]]:
    """Run a worker in a process of its own, and kill it in the end."""
    settings = installation.settings
    assert settings.database_url is not None
    environment = {
        "PLEDGER_HOME": str(settings.home),
        "PLEDGER_DATABASE_URL": settings.database_url.get_secret_value(),
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "working_process.py")],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def in_order(receiver: Receiver) -> bool:
    """Return whether each person's messages came in order, when those that had come before are left out."""
    last: dict[str, int] = {}
    seen: set[str] = set()
    for got in receiver.got:
        if got.id in seen:
            continue
        seen.add(got.id)
        subject, position = got.event["subject"], got.event["data"]["position"]
        if position <= last.get(subject, 0):
            return False
        last[subject] = position
    return True


@pytest.mark.slow
def test_killed_in_the_middle(hooks: Hooks, receiver: Receiver) -> None:
    """Killed again and again while it sends, a worker loses nothing; what comes twice comes under the same id."""

    def slowly(_: Got) -> int:
        time.sleep(0.02)
        return 200

    receiver.answers = slowly
    name, _ = hooks.add(receiver.url)
    append(hooks, *(entered(number) for number in range(PEOPLE)))
    for turn in range(EACH):
        append(
            hooks,
            *(opt_out(turn + 1, subject=f"customer:{n}", fact_id=f"left-{n}-{turn}") for n in range(PEOPLE)),
        )
    for number in range(KILLS):
        with worker(hooks.installation):
            before = len(receiver.got)
            eventually(lambda before=before: len(receiver.got) > before)  # type: ignore[misc]  # mypy sees no type of a default
            time.sleep(0.03 * number)
    with hooks.working():
        eventually(lambda: hooks.state(name).waiting == 0)
    by_id = {got.id: got.body for got in receiver.got}
    assert len(by_id) == PEOPLE * EACH
    assert all(by_id[got.id] == got.body for got in receiver.got)
    assert in_order(receiver)
    assert hooks.run(b"SELECT size FROM head") == [(hooks.state(name).position,)]


def test_one_of_several_workers_is_at_work(hooks: Hooks, receiver: Receiver) -> None:
    """Two workers tell nothing twice, and the second takes over when the first has gone."""
    append(hooks, *(entered(number) for number in range(40)))
    hooks.add(receiver.url)
    with hooks.working(), worker(hooks.installation):
        append(hooks, *(left(number) for number in range(20)))
        eventually(lambda: len(receiver.got) == 20)
        time.sleep(0.3)
        assert len(receiver.got) == 20
    with worker(hooks.installation):
        append(hooks, *(left(number) for number in range(20, 40)))
        eventually(lambda: len(receiver.got) == 40)
    assert len({got.id for got in receiver.got}) == 40


def test_sessions_that_are_ended(hooks: Hooks, receiver: Receiver) -> None:
    """A worker whose sessions the database ends goes on by itself, and each message arrives in the end."""
    name, _ = hooks.add(receiver.url)
    append(hooks, *(entered(number) for number in range(60)))
    with hooks.working():
        for number in range(60):
            append(hooks, left(number))
            if number % 20 == 10:
                with hooks.installation.database.connect_as_owner() as owner:
                    owner.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                    )
        eventually(lambda: hooks.state(name).waiting == 0)
    assert len({got.id for got in receiver.got}) == 60
