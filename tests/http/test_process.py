"""`pledger serve` as a process of its own: stopped gently, killed in the middle, and silent about people."""

from __future__ import annotations

import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from adapters.bootstrap import opened
from adapters.queries.doctor import installation_checks
from tests.http.conftest import entry
from tests.reading import opened_log, places_of
from tests.serving import PATIENCE, served

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.places import Place

pytestmark = pytest.mark.slow

_CLIENTS = 4


def stored(place: Place) -> set[str]:
    """Return the ids of the facts that are there, each with all of its events and with no others."""
    with opened(place.settings) as installation:
        counts = Counter(event.fact_id or "" for event in opened_log(installation) if event.source == "/shop")
        places = places_of(installation, counts)
    assert {name: place.events for name, place in places.items()} == counts
    assert all(check.is_well for check in installation_checks(place.settings) if check.what == "facts")
    return set(places)


def _tell(address: str, headers: dict[str, str], client: int, until: float, acknowledged: set[str]) -> None:
    """Append fact after fact until the server is gone or the time is over; note what was answered with success."""
    number = 0
    with httpx.Client(base_url=address, headers=headers, timeout=PATIENCE) as http:
        while time.monotonic() < until:
            number += 1
            name = f"{client}-{until:.6f}-{number}"
            try:
                told = http.post("/v1/events", json=entry(name))
            except httpx.TransportError:
                return
            if told.status_code == 201:
                acknowledged.add(name)
            else:
                assert told.status_code in {429, 503}, told.text


def _load(address: str, place: Place, seconds: float, then: Callable[[], None]) -> set[str]:
    acknowledged: set[str] = set()
    until = time.monotonic() + 20
    with ThreadPoolExecutor(_CLIENTS) as clients:
        running = [clients.submit(_tell, address, place.headers(), one, until, acknowledged) for one in range(_CLIENTS)]
        time.sleep(seconds)
        then()
        for one in running:
            one.result(timeout=PATIENCE)
    return acknowledged


def test_a_gentle_stop_answers_what_was_taken(place: Place) -> None:
    """On SIGTERM the server ends by itself, with what it acknowledged in the log, once."""
    with served(place.environment) as (address, process):
        acknowledged = _load(address, place, 0.7, lambda: process.send_signal(signal.SIGTERM))
        assert process.wait(timeout=PATIENCE) == 0
    assert acknowledged
    assert acknowledged <= stored(place)


def test_the_read_models_follow(place: Place) -> None:
    """What is appended is in the read models soon, without anybody asking."""
    with (
        served(place.environment) as (address, _),
        httpx.Client(base_url=address, headers=place.headers(), timeout=PATIENCE) as http,
    ):
        assert http.post("/v1/events", json=entry("a")).status_code == 201
        with opened(place.settings) as installation, installation.connect() as connection:
            until = time.monotonic() + 10
            query = "SELECT position FROM projection_checkpoints WHERE projection = 'subscriptions'"
            while connection.execute(query).fetchone() != (3,):
                assert time.monotonic() < until
                time.sleep(0.05)


def test_two_servers_at_one_port(place: Place) -> None:
    """A second server at a port that is taken ends, and says so."""
    with served(place.environment) as (address, _):
        port = address.rsplit(":", 1)[1]
        with pytest.raises(AssertionError, match="in use"), served(place.environment, "--port", port):
            pass
