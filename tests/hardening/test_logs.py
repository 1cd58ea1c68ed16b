"""Marked personal values, wherever they stand in a request, are in no log, ours or PostgreSQL's, and in no metric."""

from __future__ import annotations

import json
import logging
import shutil
import signal
import socket
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpx
import psycopg
import pytest

from adapters.api_keys.roles import Role
from adapters.http import events
from adapters.postgres.embedded.server import EmbeddedServer
from tests.controls import raw_example
from tests.examples import EXAMPLES, MARK
from tests.http.conftest import app, client, entry, key, service, share
from tests.places import Place
from tests.serving import PATIENCE, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Request = tuple[str, str, dict[str, str], bytes]

__all__ = ["app", "client", "key", "service"]
ADDRESS = f"{MARK}.Lovelace@example.org"
OUTAGES = 25


@contextmanager
def sessions_ended(url: str) -> Iterator[None]:
    """End every session of the database again and again, for the length of the block."""
    stop = threading.Event()

    def end() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for _ in range(OUTAGES):
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
                if stop.wait(0.15):
                    return

    thread = threading.Thread(target=end)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.slow
def test_marks_are_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    """Good and bad requests full of marks, also while sessions are ended under them, leave none in any log."""
    # A short path: the address of a socket has room for about a hundred bytes.
    home = Path(tempfile.mkdtemp(prefix="pledger-", dir="/tmp"))
    try:
        with EmbeddedServer(home) as database:
            place = Place(home)
            with served(place.environment) as (address, process):
                statuses = _ask_everything(address, place, "first")
                with sessions_ended(database.url()):
                    for turn in ("second", "third"):
                        statuses |= _ask_everything(address, place, turn)
                _raw_bytes(address)
                metrics = httpx.get(f"{address}/metrics", headers=place.headers(Role.OPERATOR), timeout=PATIENCE)
                process.send_signal(signal.SIGTERM)
                out, err = process.communicate(timeout=PATIENCE)
            log = (database.data / "log").read_text(errors="replace")
            written = "".join(path.read_text(errors="replace") for path in home.glob("*.log"))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    assert metrics.status_code == 200
    assert {200, 201, 401, 403, 404, 405, 415, 422} <= statuses
    assert "terminating connection" in log
    for name, text in (("out", out), ("err", err), ("metrics", metrics.text), ("log", log), ("written", written)):
        assert MARK.lower() not in text.lower(), (name, text)
        assert "Traceback" not in text, (name, text)
    captured = capfd.readouterr()
    assert MARK not in captured.out + captured.err


def _ask_everything(address: str, place: Place, turn: str) -> set[int]:
    """Put marks wherever a request may hold something; give the statuses of the answers. Each turn tells new facts."""
    statuses = set()
    with httpx.Client(base_url=address, timeout=30) as http:
        for method, path, headers, body in (*_facts(place, turn), *_questions(place)):
            # A session that is ended may end the answer, but no request may wait for ever.
            with suppress(httpx.RemoteProtocolError):
                statuses.add(http.request(method, path, headers=headers, content=body).status_code)
    return statuses


PLAIN = {"Content-Type": "application/json"}


def _facts(place: Place, turn: str) -> Iterator[Request]:
    """Return good and bad facts, and texts that are not facts."""
    for word in EXAMPLES:
        for role in (Role.SERVICE, Role.OFFICER, Role.ADMIN):
            good = json.dumps({**raw_example(word), "id": f"{word}-{turn}-{role.value}"}).encode()
            yield "POST", "/v1/events", {**place.headers(role), **PLAIN}, good
        yield "POST", "/v1/decisions", {**place.headers(), **PLAIN}, good
        yield (
            "POST",
            "/v1/events",
            {**place.headers(), **PLAIN},
            good.replace(b'"data"', b'"data-' + MARK.encode() + b'"'),
        )
    whole = entry(f"a-{turn}", reference=MARK, values={"user.contact.email": ADDRESS, "user.name": f"Ada {MARK}"})
    for body in (
        {**whole, "subject": f"email:{ADDRESS}"},
        {**whole, "subject": f"email:{ADDRESS}", "source": f"/{MARK}"},
        {**whole, "subject": f"nobody:{ADDRESS}"},
        {**whole, "time": MARK, MARK: MARK, ADDRESS: MARK},
        {**share(MARK, mode="enforce", reference=MARK), "subject": f"email:{ADDRESS}"},
        {**share(MARK), "subject": f"id:{MARK}"},
        [{**whole, "id": MARK}, MARK, {MARK: ADDRESS}],
    ):
        yield "POST", "/v1/events", {**place.headers(), **PLAIN}, json.dumps(body).encode()
    for broken in (MARK.encode(), b'{"' + MARK.encode(), b"\xff" + MARK.encode(), b'["' + ADDRESS.encode()):
        for path in ("/v1/events", "/v1/decisions", "/v1/customers/resolve", "/v1/keys"):
            for role in (Role.SERVICE, Role.OFFICER, Role.ADMIN):
                yield "POST", path, {**place.headers(role), **PLAIN}, broken
                yield "POST", path, {**place.headers(role), "Content-Type": f"text/{MARK}"}, broken
    yield "POST", "/v1/events", {"Authorization": f"Bearer {MARK}", **PLAIN}, good


def _questions(place: Place) -> Iterator[Request]:
    """Return questions with marks in their paths, queries, header fields and bodies."""
    name = quote(ADDRESS)
    officer, auditor = place.headers(Role.OFFICER), place.headers(Role.AUDITOR)
    for what in ("subscriptions", "sharing", "holdings", "timeline", f"report?purpose={MARK}", MARK):
        for customer in (f"email:{name}", f"nobody:{name}", name, f"email:{name}%00", f"email:{name}%ff", f"id:{MARK}"):
            yield "GET", f"/v1/customers/{customer}/{what}", officer, b""
    resolve = json.dumps({"customer": f"email:{ADDRESS}"}).encode()
    yield "POST", "/v1/customers/resolve", {**officer, **PLAIN}, resolve
    for path in (
        "/v1/suppressions",
        "/v1/suppressions/changes",
        "/v1/requests",
        "/v1/company",
        "/v1/audit",
        f"/{MARK}",
    ):
        for query in ("as_of", "cursor", "since", "customer", "promise", MARK):
            yield "GET", f"{path}?{query}={name}", auditor, b""
    for method in ("GET", "POST", "HEAD", "PUT"):
        yield method, f"/u/{MARK}{'A' * 100}?{MARK}={name}", {}, f"{MARK}={ADDRESS}".encode()
        yield method, f"/{name}", {"X-Name": MARK, "Cookie": MARK, "Authorization": f"Bearer {MARK}"}, b""
    binary = {**place.headers(), **PLAIN, "ce-specversion": "1.0", "ce-subject": f"email:{name}", "ce-id": MARK}
    yield "POST", "/v1/events", {**binary, "ce-time": MARK, f"ce-{MARK}": MARK}, b"{}"
    label = json.dumps({"label": MARK, "role": MARK, MARK: MARK}).encode()
    yield "POST", "/v1/keys", {**place.headers(Role.ADMIN), **PLAIN}, label
    yield "DELETE", f"/v1/keys/{MARK}", place.headers(Role.ADMIN), b""
    yield "POST", f"/v1/projections/rebuild?name={MARK}&{MARK}=1", place.headers(Role.OPERATOR), b""


def _raw_bytes(address: str) -> None:
    """Send what is no HTTP, and a body that is cut."""
    parts = urlsplit(address)
    head = f"POST /v1/events?{MARK} HTTP/1.1\r\nHost: {MARK}\r\nContent-Length: 500\r\n\r\n{ADDRESS}".encode()
    for raw in (MARK.encode() * 50, f"GET /{MARK} HTTP/9.9\r\n\r\n".encode(), head, f"{MARK}: {MARK}\r\n\r\n".encode()):
        with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
            connection.sendall(raw)


def test_what_nobody_foresaw(
    client: httpx.Client,
    key: Callable[..., dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An error that nobody foresaw is a 500 in our form; its kind and the route are logged, its text and trace not."""

    def fail(*_: object) -> None:
        raise ValueError(ADDRESS)

    monkeypatch.setattr(events, "_append_many", fail)
    with caplog.at_level(logging.INFO):
        told = client.post("/v1/events", json=entry("a"), headers=key())
    assert (told.status_code, told.headers["content-type"]) == (500, "application/problem+json")
    assert ADDRESS not in told.text + caplog.text
    assert [one.getMessage() for one in caplog.records if one.name == "pledger.http"] == [
        "unforeseen ValueError POST /v1/events"
    ]
    assert not any(one.exc_info for one in caplog.records)
