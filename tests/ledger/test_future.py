"""The database's clock judges what lies in the future, however wrong the clock of the process is."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from domain.errors import TimeInFuture
from domain.times import rfc3339
from tests.controls import cloud_event, fact, lines

if TYPE_CHECKING:
    from adapters.bootstrap import Installation

_PROCESS = Path(__file__).parent / "appending_process.py"
_WRONG_BY = """
import runpy, sys, time_machine
from datetime import UTC, datetime, timedelta
wrong = datetime.now(UTC) + timedelta(hours=float(sys.argv.pop(1)))
with time_machine.travel(wrong):
    assert abs(datetime.now(UTC) - wrong) < timedelta(minutes=10)
    runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
MINUTES = timedelta(minutes=1)


def _told(installation: Installation, hours: float, times: list[datetime]) -> list[dict[str, Any]]:
    """Append facts of these times in a process whose clock is wrong by so many hours; return its answers."""
    url, settings = installation.settings.database_url, installation.settings
    assert url is not None
    command = [sys.executable, "-c", _WRONG_BY, str(hours), str(_PROCESS), url.get_secret_value(), str(settings.home)]
    facts = [cloud_event("opt_out", f"{hours}-{at}", rfc3339(at)) for at in times]
    done = subprocess.run(command, input=lines(*facts), capture_output=True, text=True, check=True, timeout=60)
    ready, *answers = done.stdout.splitlines()
    assert ready == "ready"
    return [json.loads(one) for one in answers]


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_process_whose_clock_is_wrong(installation: Installation, hours: float) -> None:
    """It takes what has happened, and rejects what has not, by the clock of the database, before and after appends."""
    now = datetime.now(UTC)
    past, soon, future = now - MINUTES, now + 4 * MINUTES, now + 6 * MINUTES
    answers = _told(installation, hours, [future, past, soon, future, now + 4 * 60 * MINUTES, soon + MINUTES / 60])
    codes = [one.get("error") for one in answers]
    assert codes == ["time_in_future", None, None, "time_in_future", "time_in_future", None]


def test_a_clock_that_lags_is_asked_before_anything_is_rejected(installation: Installation) -> None:
    """A machine that slept has an old estimate; nothing is rejected by that, and it is brought up to date."""
    clock = installation.ledger._appender.clock
    clock.heard(datetime.now(UTC) - timedelta(hours=3))
    installation.ledger.append(fact("opt_out", datetime.now(UTC).isoformat(), {}, fact_id="a"))
    assert abs(clock.now() - datetime.now(UTC)) < MINUTES
    clock.heard(datetime.now(UTC) - timedelta(hours=3))
    with pytest.raises(TimeInFuture):
        installation.ledger.append(fact("opt_out", rfc3339(datetime.now(UTC) + 6 * MINUTES), {}, fact_id="b"))
    assert abs(clock.now() - datetime.now(UTC)) < MINUTES


def test_an_append_tells_the_time(installation: Installation) -> None:
    """The time comes with the answer to an append, without a query of its own; an estimate that is ahead is mended."""
    clock = installation.ledger._appender.clock
    clock.heard(datetime.now(UTC) + timedelta(hours=3))
    installation.ledger.append(fact("opt_out", 1, {}, fact_id="a"))
    assert abs(clock.now() - datetime.now(UTC)) < MINUTES
    with pytest.raises(TimeInFuture):
        installation.ledger.append(fact("opt_out", rfc3339(datetime.now(UTC) + 6 * MINUTES), {}, fact_id="b"))
