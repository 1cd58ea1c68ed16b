"""Connections that are slow, cut, malformed or idle: the server serves others meanwhile, and stores nothing half."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from adapters.http import backpressure, connections
from adapters.http.connections import HEADERS_MAX, TimedProtocol
from tests.http.conftest import app, entry, key, service
from tests.reading import places_of
from tests.serving import PATIENCE, app_served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

    from adapters.bootstrap import Installation

pytestmark = pytest.mark.slow

__all__ = ["app", "key", "service"]
SECONDS = 1.0
"""Headers and bodies may take so long here."""
PROMPT_SECONDS = 15.0
IDLE = 300
TLS_HELLO = bytes.fromhex("16030100a5010000a10303") + bytes(160)


class Server:
    """A running server, raw connections to it, and a client of it."""

    def __init__(self, address: str, headers: dict[str, str], installation: Installation) -> None:
        parts = urlsplit(address)
        assert parts.hostname
        assert parts.port
        self.place = (parts.hostname, parts.port)
        self.client = httpx.Client(base_url=address, headers=headers, timeout=PATIENCE)
        self.authorization = f"Authorization: {headers['Authorization']}\r\n".encode()
        self.installation = installation
        self.good = 0
        self.before = self._facts()

    def _facts(self) -> int:
        with self.installation.connect() as connection:
            ((count,),) = connection.execute("SELECT count(*) FROM facts").fetchall()
        return int(count)

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(self.place, timeout=10)

    def head(self, *fields: bytes, path: bytes = b"/v1/events") -> bytes:
        """Return the head of a request that may append."""
        start = b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        return start + self.authorization + b"".join(field + b"\r\n" for field in fields) + b"\r\n"

    def check(self) -> None:
        """Others are served promptly, and what they tell is stored; nothing else is."""
        began = time.monotonic()
        self.good += 1
        assert self.client.get("/ready").status_code == 200
        assert self.client.post("/v1/events", json=entry(f"good-{self.good}")).status_code == 201
        assert time.monotonic() - began < PROMPT_SECONDS
        good = [f"good-{number}" for number in range(1, self.good + 1)]
        assert len(places_of(self.installation, good)) == self.good
        assert self._facts() == self.before + self.good


@pytest.fixture
def server(
    app: FastAPI, key: Callable[..., dict[str, str]], installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """Run the app as `pledger serve` does, with less patience."""
    monkeypatch.setattr(backpressure, "BODY_SECONDS", SECONDS)
    monkeypatch.setattr(connections, "HEADERS_SECONDS", SECONDS)
    with app_served(app, http=TimedProtocol, backlog=1_024) as address:
        server = Server(address, key(), installation)
        with server.client:
            yield server


def answered(connection: socket.socket) -> bytes:
    """Return all that comes before the other end closes; fail where it does not."""
    answer = b""
    try:
        while piece := connection.recv(65_536):
            answer += piece
    except ConnectionResetError:
        pass
    return answer


@contextmanager
def trickling(connection: socket.socket, data: bytes) -> Iterator[None]:
    """Send a byte every now and then, for as long as the other end takes any, or to the end of the block."""
    stop = threading.Event()

    def send() -> None:
        for byte in data:
            if stop.wait(SECONDS / 10):
                return
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("path", [b"/v1/events", b"/v1/decisions", b"/v1/customers/resolve", b"/v1/keys"])
def test_a_body_that_trickles(server: Server, path: bytes) -> None:
    """A body that does not end in time gets an error, with or without a length; the connection is closed."""
    for field in (b"Content-Length: 5000", b"Transfer-Encoding: chunked"):
        with server.connect() as connection:
            connection.sendall(server.head(field, path=path))
            with trickling(connection, b"1000\r\n" + b" " * 500):
                server.check()
                answer = answered(connection)
        assert answer.startswith(b"HTTP/1.1 408 "), answer
        assert b'"code":"body_too_slow"' in answer
    server.check()


def test_a_body_without_end(server: Server) -> None:
    """Where nobody has shown a key either, no more of a body is read than is ever needed."""
    for path in (b"/v1/events", b"/v1/customers/resolve", b"/v1/keys"):
        fields = b"Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
        with server.connect() as connection:
            connection.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + fields)
            assert connection.recv(1_000).startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 401 "))
            # The rest is let in for a while, and then the connection is closed.
            answered(connection)
    server.check()


@pytest.mark.parametrize(
    "start",
    [b"", b"P", b"POST /v1/events HTTP/1.1\r\n", b"POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Slow: "],
    ids=["nothing", "letter", "line", "field"],
)
def test_headers_that_trickle(server: Server, start: bytes) -> None:
    """A connection that brings no whole head in time is closed, also one on which a request was answered."""
    for before in (b"", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"):
        if before and not start:
            continue  # After an answer that is uvicorn's keep-alive.
        with server.connect() as connection:
            began = time.monotonic()
            connection.sendall(before + start)
            with trickling(connection, b"a" * 500 if start else b""):
                server.check()
                answered(connection)
            assert time.monotonic() - began < 10 * SECONDS


def test_a_head_without_end(server: Server) -> None:
    """A head that goes on and on is refused, before it fills the memory."""
    for start, more in (
        (b"GET /health HTTP/1.1\r\n", b"X: " + b"a" * 1_000 + b"\r\n"),
        (b"GET /health HTTP/1.1\r\nX: ", b"a" * 1_000),
        (b"GET /", b"a" * 1_000),
    ):
        with server.connect() as connection:
            connection.sendall(start)
            sent = 0
            try:
                while sent < 100 * HEADERS_MAX:
                    connection.sendall(more)
                    sent += len(more)
            except OSError:
                pass
            assert sent < 100 * HEADERS_MAX
    server.check()


def test_cut_anywhere(server: Server) -> None:
    """A request cut after any of its bytes leaves nothing behind, with either way of giving its length."""
    body = json.dumps(entry("cut")).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + 50]), body[at : at + 50]) for at in range(0, len(body), 50))
    for request in (
        server.head(b"Content-Length: %d" % len(body)) + body,
        server.head(b"Transfer-Encoding: chunked") + chunks + b"0\r\n\r\n",
    ):
        for end in range(0, len(request), 7):
            with server.connect() as connection:
                connection.sendall(request[:end])
    server.check()


def test_malformed(server: Server) -> None:
    """What is no HTTP, or says two things of its length, is refused or ignored, and stores nothing."""
    body = json.dumps(entry("malformed")).encode()
    length = b"Content-Length: %d" % len(body)
    for raw in (
        *(
            TLS_HELLO,
            b"\x00" * 1_000,
            b"\xff" * 1_000,
            b"GET /health\r\n\r\n",
            b"\r\n" * 500,
            b"PRI * HTTP/2.0\r\n\r\n",
        ),
        *(b"GET / HTTP/9.9\r\n\r\n", b"GET /\x00 HTTP/1.1\r\n\r\n", b"G\x00T / HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n"),
        server.head(length, b"Transfer-Encoding: chunked") + body,
        server.head(length, b"Content-Length: 3") + body,
        server.head(b"Content-Length: %d" % (len(body) - 5)) + body,
        server.head(b"Content-Length: -5") + body,
        server.head(b"Content-Length: 5, 6") + body,
        server.head(b"Content-Length: 0x40") + body,
        server.head(b"Content-Length: " + b"9" * 40) + body,
        server.head(b"Transfer-Encoding: gzip, chunked") + body,
        server.head(b"Transfer-Encoding: chunked") + b"zz\r\n" + body,
        server.head(b"Transfer-Encoding: chunked") + b"ffffffffffffffffffff\r\n" + body,
        server.head(b"Transfer-Encoding: chunked") + b"-1\r\n" + body,
        server.head(length, b"X: a\x00b") + body,
        server.head(length, b" folded: x") + body,
        server.head(length, b"Upgrade: websocket", b"Connection: upgrade")[:-2] + b"\x00" + body,
        b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + b"rubbish " * 200,
        b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 50 + TLS_HELLO,
    ):
        with server.connect() as connection:
            connection.sendall(raw)
            answer = answered(connection)
        statuses = {line.split()[1] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")}
        assert all(status[:1] in b"24" for status in statuses), (raw[:200], answer)
    server.check()


def test_what_is_no_request_is_told_so(server: Server) -> None:
    """What cannot be read as a request, or has too long an address, is answered in our form."""
    for raw in (b"GET / HTTP/9.9\r\n\r\n", TLS_HELLO, b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"):
        with server.connect() as connection:
            connection.sendall(raw)
            head, _, body = answered(connection).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 "), (raw[:50], head)
        assert b"application/problem+json" in head
        problem = json.loads(body)
        assert (problem["code"], problem["status"]) == ("malformed_request", 400)
    server.check()


def test_answers_that_nobody_reads(server: Server) -> None:
    """Clients that leave before the answer, or never read it, do not hold up others."""
    with ExitStack() as opened:
        for _ in range(30):
            connection = opened.enter_context(server.connect())
            connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            with server.connect() as gone:
                gone.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
        server.check()
    server.check()


def test_many_idle_connections(server: Server) -> None:
    """Hundreds of connections that bring nothing, or half a request, are served around, and closed after a while."""
    with ExitStack() as opened:
        idle = [opened.enter_context(server.connect()) for _ in range(IDLE)]
        for connection in idle[::2]:
            connection.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\n")
        server.check()
        for connection in idle:
            assert answered(connection) == b""
    server.check()
