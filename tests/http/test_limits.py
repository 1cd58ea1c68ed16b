"""What is too much, too slow or cut short: the server says so where it can, and goes on serving."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from adapters.http.backpressure import BATCH_MAX, BODY_MAX, Backpressure
from adapters.http.problems import TooBusy
from tests.http.conftest import entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from adapters.http.service import Service


def test_a_body_that_is_too_large(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """A body beyond the limit is refused, with or without a length."""

    def pieces() -> Iterator[bytes]:
        for _ in range(BODY_MAX // 2**20 + 1):
            yield b" " * 2**20

    headers = {**key(), "Content-Type": "application/json"}
    for content in (b" " * (BODY_MAX + 1), pieces()):
        told = client.post("/v1/events", content=content, headers=headers)
        assert (told.status_code, told.json()["code"]) == (413, "body_too_large")


def test_a_batch_that_is_too_long(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """A batch of more facts than a request may hold is refused whole."""
    events = [entry(str(number)) for number in range(BATCH_MAX + 1)]
    told = client.post("/v1/events", json=events, headers=key())
    assert (told.status_code, told.json()["code"]) == (422, "malformed_request")
    assert client.post("/v1/events", json=events[1:], headers=key()).status_code == 200


def test_back_pressure(client: httpx.Client, key: Callable[..., dict[str, str]], service: Service) -> None:
    """Where as much is under way as may be, a request is sent away with a time to come back; then it is let in."""
    service.backpressure = Backpressure(10)
    headers = key()
    with service.backpressure.admitted(10):
        told = client.post("/v1/events", json=entry("a"), headers=headers)
        assert (told.status_code, told.json()["code"], told.headers["retry-after"]) == (429, "too_busy", "1")
        assert client.get("/ready").status_code == 200
    assert client.post("/v1/events", json=entry("a"), headers=headers).status_code == 201
    assert service.backpressure.inside == 0


def test_backpressure() -> None:
    """It counts what is inside, also after an error, and lets one that is larger than itself in alone."""
    backpressure = Backpressure(5)
    with backpressure.admitted(9), pytest.raises(TooBusy), backpressure.admitted(1):
        pass
    with pytest.raises(ZeroDivisionError), backpressure.admitted(3):
        _ = 1 // 0
    assert backpressure.inside == 0


RAW = (
    b"",
    b"\x00\xff" * 100,
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
    b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /health HTTP/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: x\r\n",
)


def test_connections_that_are_cut_or_malformed(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """Raw bytes, half requests and connections that just stay open leave the server serving."""
    parts = urlsplit(str(client.base_url))
    assert parts.hostname
    assert parts.port
    left_open = []
    for raw in RAW * 3:
        connection = socket.create_connection((parts.hostname, parts.port), timeout=5)
        connection.sendall(raw)
        left_open.append(connection)
    assert client.post("/v1/events", json=entry("a"), headers=key()).status_code == 201
    for connection in left_open:
        connection.close()
    assert client.get("/health").status_code == 200


def test_what_is_not_there(client: httpx.Client) -> None:
    """A path or a method that the server does not have is a problem too."""
    for method, path, status, code in (
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/v1/events", 405, "method_not_allowed"),
        ("DELETE", "/health", 405, "method_not_allowed"),
        ("GET", "/%2e%2e/%00", 404, "not_found"),
    ):
        told = client.request(method, path)
        assert (told.status_code, told.json()["code"], told.json()["status"]) == (status, code, status)
        assert told.headers["content-type"] == "application/problem+json"


def test_many_bad_inputs(client: httpx.Client, key: Callable[..., dict[str, str]]) -> None:
    """Each of a thousand spoiled facts is answered with a 4xx of its own in a batch, and the good ones are stored."""
    good = entry("good")
    spoiled = [{**good, "id": f"s{number}", name: value} for number, (name, value) in enumerate(_ways(good))]
    answers, headers = [], key()
    for start in range(0, len(spoiled), BATCH_MAX // 2):
        batch = [*spoiled[start : start + BATCH_MAX // 2], {**good, "id": f"good{start}"}]
        told = client.post("/v1/events", json=batch, headers=headers)
        assert told.status_code == 200
        *bad, last = told.json()["answers"]
        assert last["status"] == 201
        answers += bad
    assert len(answers) >= 1_000
    assert {one["status"] for one in answers} == {422}
    assert all(one["problem"]["errors"] for one in answers)


def _ways(good: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Return ways to spoil a fact: a field of it, and what that is instead."""
    wrong: list[object] = [None, 7, -1, 1.5, True, [], {}, [[]], {"a": 1}, "\x00", "a" * 5_000]
    data = good["data"]
    assert isinstance(data, dict)
    for _ in range(14):
        for value in wrong:
            yield "specversion", value
            yield "type", value
            yield "time", value
            yield "data", value
            for field in ("act", "values", "collection_point"):
                yield "data", {**data, field: value if value != {} or field != "values" else 3}
