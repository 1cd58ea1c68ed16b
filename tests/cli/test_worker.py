"""`pledger worker` beside servers that leave the read models and webhooks to it, as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest

from adapters.bootstrap import opened
from projections import engine
from tests.controls import cloud_event
from tests.http.conftest import entry
from tests.serving import PATIENCE, command, eventually, served
from tests.webhooks.conftest import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran
    from tests.places import Place

__all__ = ["receiver"]


def behind(place: Place) -> int:
    """Return how many events the read model that is furthest behind has not read."""
    with opened(place.settings) as installation, installation.connect() as connection:
        return max(one.behind for one in engine.status(connection))


def append(address: str, place: Place, *facts: dict[str, Any]) -> None:
    """Append facts over HTTP."""
    told = httpx.post(
        f"{address}/v1/events", json=list(facts), headers={"Authorization": f"Bearer {place.key}"}, timeout=PATIENCE
    )
    assert {one["status"] for one in told.json()["answers"]} == {201}


@pytest.mark.slow
def test_beside_a_server(place: Place, receiver: Receiver) -> None:
    """A server with --no-follow leaves both to the worker; one that is killed is taken up from by the next one."""
    add = (
        sys.executable,
        "-c",
        "from adapters.cli.main import app; app()",
        "webhooks",
        "add",
        receiver.url,
        "--allow-private",
    )
    subprocess.run(add, env={**os.environ, **place.environment}, check=True, capture_output=True)
    left = cloud_event("opt_out", "u", "2016-05-01T00:00:00Z", program="email_marketing")
    with served(place.environment, "--no-follow") as (address, _):
        append(address, place, entry("a"), left)
        assert behind(place) > 0
        assert not receiver.got
        with command(place.environment, "worker") as first:
            eventually(lambda: receiver.got)
            eventually(lambda: behind(place) == 0)
            first.kill()
        append(address, place, entry("b"))
        assert behind(place) > 0
        with command(place.environment, "worker", "--format", "json") as second:
            eventually(lambda: behind(place) == 0)
            second.send_signal(signal.SIGTERM)
            out, err = second.communicate(timeout=PATIENCE)
    assert (second.returncode, err) == (0, "")
    assert [json.loads(line)["interrupted"] for line in out.splitlines() if "projections" in line][-1] is None


@pytest.mark.slow
def test_while_the_database_is_away(place: Place) -> None:
    """Sessions that the server ends are taken up again, and the worker goes on."""
    with served(place.environment, "--no-follow") as (address, _), command(place.environment, "worker") as worker:
        append(address, place, entry("a"))
        eventually(lambda: behind(place) == 0)
        with psycopg.connect(place.environment["PLEDGER_DATABASE_URL"], autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        eventually(lambda: httpx.get(f"{address}/ready").status_code == 200)
        append(address, place, entry("b"))
        eventually(lambda: behind(place) == 0)
        worker.send_signal(signal.SIGINT)
        out, _ = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0
    assert "subscriptions" in out


@pytest.mark.usefixtures("begun")
def test_a_lag_that_is_too_long(pledger: Callable[..., Ran]) -> None:
    """`projections --max-lag` ends with 1 where a read model lags further behind, so that a supervisor can ask it."""
    assert pledger("projections", "--max-lag", "0").code == 1
    assert pledger("projections", "--max-lag", "3600", "--format", "json").code == 0
    assert pledger("status").code == 0
    assert pledger("projections", "--max-lag", "0").code == 0


def test_a_ledger_that_is_made_where_there_is_none(pledger: Callable[..., Ran]) -> None:
    """`migrate --init` makes a ledger once; again it applies what is missing, and without the option it makes none."""
    assert "(no_ledger)" in pledger("migrate").err
    made = pledger("migrate", "--init", "--format", "json")
    assert (made.code, made.json) == (0, {"created": True, "applied": []})
    again = pledger("migrate", "--init", "--format", "json")
    assert (again.code, again.json) == (0, {"created": False, "applied": []})
    assert "up to date" in pledger("migrate", "--init").out
    assert pledger("status", "--format", "json").json["events"] == 1


@pytest.mark.parametrize("words", [("worker",), ("worker", "--format", "json")])
def test_without_a_ledger(pledger: Callable[..., Ran], words: tuple[str, ...]) -> None:
    """Where there is nothing to work on, the worker says so at once."""
    ran = pledger(*words)
    assert (ran.code, "no_ledger" in ran.err) == (1, True)
