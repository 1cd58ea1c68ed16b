"""Sec-GPC: what counts as the signal, what a site says of its support, and how a visitor's signal gets on record."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from contextlib import closing, contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapters.api_keys import keys
from adapters.api_keys.keys import ApiKeys
from adapters.api_keys.roles import Role, Scope
from adapters.bootstrap import POLICIES, create, opened
from adapters.client import AsyncClient, Client
from adapters.http.app import create_app
from adapters.http.gpc import GlobalPrivacyControl, is_on
from adapters.http.service import Service
from adapters.ledger import utc_now
from adapters.settings import load_settings
from tests.controls import cloud_event
from tests.serving import PATIENCE, app_served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from starlette.requests import HTTPConnection, Request
    from starlette.types import ASGIApp

    from adapters.bootstrap import Installation

ON = {"Sec-GPC": "1"}
STATED_ON = date(2026, 4, 15)


async def page(request: Request) -> JSONResponse:
    """Answer with what the application finds."""
    return JSONResponse({"gpc": request.state.gpc})


def visitor_of(request: HTTPConnection) -> str | None:
    """Return the id that the shop has put into a cookie."""
    return request.cookies.get("visitor")


@contextmanager
def shop(ledger: Installation | Client | AsyncClient, **options: Any) -> Iterator[httpx.Client]:  # noqa: ANN401
    """Serve a shop's application with the signal noted, and give a browser."""
    with served(GlobalPrivacyControl(Starlette(routes=[Route("/", page)]), ledger, visitor_of, **options)) as browser:
        yield browser


@contextmanager
def served(app: ASGIApp) -> Iterator[httpx.Client]:
    """Serve an application in a thread, and give a browser."""
    with app_served(app) as address, httpx.Client(base_url=address, timeout=PATIENCE) as browser:
        yield browser


def visited(browser: httpx.Client, visitor: str | None = "v-1", **headers: str) -> bool:
    """Look at a page; tell what the application found."""
    cookies = {} if visitor is None else {"Cookie": f"visitor={visitor}"}
    told = browser.get("/", headers={**cookies, **headers})
    assert told.status_code == 200
    return bool(told.json()["gpc"])


def signals(installation: Installation) -> list[str]:
    """Return the values of all signals on record, in order."""
    with installation.connect() as connection:
        rows = connection.execute(
            "SELECT data ->> 'value' FROM events WHERE topic = 'SignalReceived.v1' "
            "AND data ->> 'signal' = 'gpc' ORDER BY position"
        ).fetchall()
    return [value for (value,) in rows]


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        *(([value], value == b"1") for value in (b"1", b"0", b"", b"2", b"11", b"1, 1", b"01", b"true", b"?1", b"1;a")),
        ([], False),
        ([b"0", b"1"], True),
        ([b"1", b"1"], True),
        ([b"0", b"2"], False),
    ],
)
def test_what_counts(values: list[bytes], counts: bool) -> None:  # noqa: FBT001 - the expectation
    """Exactly `1` is the signal; of several fields one that is suffices."""
    assert is_on([(b"accept", b"1"), *((b"sec-gpc", value) for value in values)]) is counts


def test_the_servers_own_statement(client: httpx.Client) -> None:
    """The support resource is JSON with both members, and needs no key."""
    told = client.get("/.well-known/gpc.json")
    assert (told.status_code, told.headers["content-type"]) == (200, "application/json")
    assert told.json()["gpc"] is True
    assert told.json()["lastUpdate"] == date.fromisoformat(told.json()["lastUpdate"]).isoformat()


def test_a_shops_statement(installation: Installation) -> None:
    """A shop that says since when it supports the signal has it said at its own address; others leave it unknown."""
    with shop(installation, stated_on=STATED_ON) as browser:
        told = browser.get("/.well-known/gpc.json")
        assert (told.headers["content-type"], told.json()) == (
            "application/json",
            {"gpc": True, "lastUpdate": "2026-04-15"},
        )
        assert browser.post("/.well-known/gpc.json").status_code == 404
    with shop(installation) as browser:
        assert browser.get("/.well-known/gpc.json").status_code == 404


def test_once_for_each_change(installation: Installation) -> None:
    """A signal is on record once, however many requests carry it; that it ended and came back is there as well."""
    with shop(installation) as browser:
        assert [visited(browser), visited(browser, **{"Sec-GPC": "0"})] == [False, False]
        assert signals(installation) == []
        assert [visited(browser, **ON) for _ in range(3)] == [True] * 3
        assert signals(installation) == ["true"]
        assert not visited(browser)
        assert visited(browser, **ON)
        assert signals(installation) == ["true", "false", "true"]
        visited(browser, "v-2", **ON)
        assert signals(installation) == ["true", "false", "true", "true"]


def test_after_a_restart(installation: Installation) -> None:
    """What is on record is not recorded again by another process; a change that it sees is."""
    for headers, on_record in ((ON, 1), (ON, 1), ({}, 2), ({}, 2), (ON, 3)):
        with shop(installation) as browser:
            visited(browser, **headers)
        assert len(signals(installation)) == on_record


def test_many_at_once(installation: Installation) -> None:
    """The requests of one page, and two processes of the shop, make one fact together."""

    async def visit(browsers: list[httpx.Client]) -> list[int]:
        async def one(address: httpx.URL) -> int:
            async with httpx.AsyncClient(base_url=address) as browser:
                return (await browser.get("/", headers={**ON, "Cookie": "visitor=v-1"})).status_code

        return await asyncio.gather(*(one(browser.base_url) for browser in browsers for _ in range(12)))

    with shop(installation) as first, shop(installation) as second:
        assert set(asyncio.run(visit([first, second]))) == {200}
    assert signals(installation) == ["true"]


def test_nobody_and_odd_ids(installation: Installation, caplog: pytest.LogCaptureFixture) -> None:
    """Without an id, or with one that no ledger takes, the page has the signal and nothing is recorded of it."""
    caplog.set_level(logging.DEBUG)
    with shop(installation) as browser:
        assert visited(browser, None, **ON)
        assert visited(browser, "marked" + "x" * 600, **ON)
        assert signals(installation) == []
        assert visited(browser, "marked-2", **ON)
    assert signals(installation) == ["true"]
    assert "not one that a ledger takes" in caplog.text
    assert "marked" not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("pled"))


@pytest.mark.parametrize("class_", [Client, AsyncClient])
def test_over_http(
    client: httpx.Client,
    key: Callable[..., dict[str, str]],
    installation: Installation,
    class_: type[Client | AsyncClient],
) -> None:
    """A shop that has a client of a server records over it; processes that share what is known record once."""
    secret = key()["Authorization"].removeprefix("Bearer ")
    known: dict[str, bool] = {}
    for _ in range(2):
        with shop(class_(str(client.base_url), secret), known=known) as browser:
            visited(browser, **ON)
            visited(browser, **ON)
    assert signals(installation) == ["true"]
    assert known == {"v-1": True}
    with shop(class_(str(client.base_url), secret), known=known) as browser:
        visited(browser)
    assert signals(installation) == ["true", "false"]


def test_a_ledger_that_does_not_answer(caplog: pytest.LogCaptureFixture) -> None:
    """A page waits for its signal for two seconds at most, and the next ones do not wait at all."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with shop(Client(address, "key", timeout_seconds=20, retry_seconds=0)) as browser:
            for least, most in ((1.5, 10.0), (0.0, 1.5)):
                began = time.monotonic()
                assert visited(browser, "marked", **ON)
                assert least <= time.monotonic() - began < most
    assert "not recorded in time" in caplog.text
    assert "marked" not in caplog.text


def test_a_ledger_that_is_down(caplog: pytest.LogCaptureFixture) -> None:
    """Where nothing answers, the page goes on, and the log has the code of the error alone."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with shop(Client(address, "key", retry_seconds=0)) as browser:
        assert visited(browser, "marked", **ON)
    assert "a signal was not recorded: unanswered" in caplog.text
    assert "marked" not in caplog.text


def test_what_a_decision_makes_of_it(database_url: str, tmp_path: Path) -> None:
    """A signal on record is judged as the policy says; the header on a service's own question says nothing."""
    settings = load_settings(home=tmp_path / "home", database_url=database_url)
    create(settings, POLICIES / "newsletter-2021-05-03.toml")
    with opened(settings) as installation, closing(ApiKeys(installation.connect, utc_now)) as keys_held:
        with installation.connect() as connection:
            secret, _ = keys.create(connection, "website", Role.SERVICE, Scope(), now=utc_now())

        def decided(visitor: str) -> tuple[bool, list[str]]:
            fact = cloud_event("cookie_set", "c", utc_now().isoformat(), f"visitor:{visitor}", categories=[])
            headers = {"Authorization": f"Bearer {secret}", **ON}
            told = service.post("/v1/decisions", json=fact, headers=headers).json()
            return told["allowed"], [found["promise"] for found in told["findings"]]

        with served(create_app(Service(installation, keys_held))) as service, shop(installation) as browser:
            assert decided("v-1") == (True, [])
            visited(browser, "v-1", **ON)
            assert decided("v-1") == (False, ["N26"])
            visited(browser, "v-1")
            assert decided("v-1") == (False, ["N26"])
            assert decided("v-2") == (True, [])
