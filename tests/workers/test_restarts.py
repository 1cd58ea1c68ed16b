"""A projection of one's own, through servers that restart and processes that are killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters.bootstrap import create, opened
from adapters.postgres.embedded.server import EmbeddedServer
from adapters.settings import load_settings
from tests.workers.conftest import append, positions

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.bootstrap import Installation
    from tests.workers.conftest import Supervised

    Supervise = Callable[..., Supervised]

# As a module, from here: a script would find the ledger, which is installed, but not the tests beside it.
_PROCESS = ["-m", "tests.workers.seeing_process"]
_ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("is_crash", [False, True])
def test_a_server_that_restarts(tmp_path: Path, supervise: Supervise, *, is_crash: bool) -> None:
    """A server that is away for two seconds is waited for, and then each event is in the view once."""
    home = Path(tempfile.mkdtemp(prefix="pledger-feed-", dir="/tmp"))
    server = EmbeddedServer(home)
    try:
        server.__enter__()
        settings = load_settings(home=tmp_path, database_url=server.url())
        create(settings)
        with opened(settings) as it:
            runner = supervise(it)
            runner.has_seen_up_to(append(it, 5))
            if is_crash:
                os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
            server.__exit__(None, None, None)
            time.sleep(2)
            server.__enter__()
            last = append(it, 5)
            assert runner.has_seen_up_to(last) < 15
            assert positions(runner.seen()) == list(range(1, last + 1))
            assert runner.interruptions
            runner.close()
            assert not runner.ended
    finally:
        server.__exit__(None, None, None)
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.slow
def test_a_process_that_is_killed(installation: Installation, supervise: Supervise) -> None:
    """Processes that run the projection are killed one after the other, and the view has each event once."""
    settings = installation.settings
    assert settings.database_url is not None
    command = [sys.executable, *_PROCESS, settings.database_url.get_secret_value(), str(settings.home)]
    append(installation, 300)
    seen_so_far = []
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
        assert process.stdout is not None
        assert process.stdout.readline() == "seen\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with installation.connect() as connection:
            seen_so_far += connection.execute("SELECT count(*) FROM seen_events").fetchall()
    last = append(installation)
    # None of them got to the end, or nothing would have been interrupted.
    assert all(count < last - 1 for (count,) in seen_so_far)
    runner = supervise()
    runner.has_seen_up_to(last)
    assert positions(runner.seen()) == list(range(1, last + 1))
