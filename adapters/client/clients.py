"""The two clients: the same requests, waited for or awaited.

Promise: one connection pool each; a request is tried again as `adapters.client.retry` says. A batch is cut into
requests that the server takes, and answered fact by fact, in order; the facts of one that stays unanswered raise, and
those before it have been given. Refused: to guess whether an unanswered fact was stored.
"""

from __future__ import annotations

import asyncio
import json
import time
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote

import httpx

from adapters.client.answers import (
    Decision,
    Receipt,
    ServerProblem,
    Unanswered,
    decision_in,
    document_in,
    receipt_in,
    receipts_in,
)
from adapters.client.retry import Patience, passes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
    from types import TracebackType

    Fact = Mapping[str, Any]
    """A CloudEvent, as a mapping of what JSON has."""

BATCH: Final = 500
EVENTS: Final = "/v1/events"
DECISIONS: Final = "/v1/decisions"
_SINGLE: Final = {"Content-Type": "application/cloudevents+json"}
_BATCH: Final = {"Content-Type": "application/cloudevents-batch+json"}


def _options(base_url: str, key: str, timeout_seconds: float) -> dict[str, Any]:
    return {
        "base_url": base_url,
        "headers": {"Authorization": f"Bearer {key}"},
        "timeout": timeout_seconds,
        "follow_redirects": False,  # A redirect could carry the key elsewhere.
    }


def _cut(facts: Iterable[Fact], most: int) -> Iterator[list[Fact]]:
    rest = iter(facts)
    while batch := list(islice(rest, most)):
        yield batch


def _text(facts: Fact | list[Fact]) -> bytes:
    return json.dumps(facts, ensure_ascii=False).encode(errors="surrogatepass")


def _path(parts: Iterable[str]) -> str:
    """Give the path of a question; a customer's name in it may hold anything."""
    return "/".join(("/v1", *(quote(part, safe=":@") for part in parts)))


class Client:
    """Tells a server facts, asks it first, and reads what it knows. Any number of threads may use one."""

    def __init__(
        self, base_url: str, key: str, *, timeout_seconds: float = 30.0, patience_seconds: float = 60.0
    ) -> None:
        self._http = httpx.Client(**_options(base_url, key, timeout_seconds))
        self._patience_seconds = patience_seconds

    def append(self, fact: Fact) -> Receipt:
        """Append one fact and wait until it is durable. Raises `ServerProblem` and `Unanswered`."""
        return receipt_in(*self._request("POST", EVENTS, headers=_SINGLE, content=_text(fact)))

    def append_many(self, facts: Iterable[Fact], *, batch: int = BATCH) -> Iterator[Receipt | ServerProblem]:
        """Append facts, batch by batch, and give one answer each, in order; a bad one does not stop the others.

        Raises `ServerProblem` where a whole batch was refused, and `Unanswered`.
        """
        for some in _cut(facts, batch):
            yield from receipts_in(*self._request("POST", EVENTS, headers=_BATCH, content=_text(some)), len(some))

    def ask(self, fact: Fact) -> Decision:
        """Ask whether a fact may be done; nothing is stored. Raises `ServerProblem` and `Unanswered`."""
        return decision_in(*self._request("POST", DECISIONS, headers=_SINGLE, content=_text(fact)))

    def read(self, *path: str, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a question takes
        """Ask `GET /v1/…`, such as `"customers", "customer:1", "sharing"`, with its parameters; gives the document.

        Raises `ServerProblem` and `Unanswered`.
        """
        return document_in(*self._request("GET", _path(path), params=asked))

    def pages(self, *path: str, **asked: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as above
        """Give every page of a list, all of one moment. Raises `ServerProblem` and `Unanswered`."""
        while True:
            page = self.read(*path, **asked)
            yield page
            if page.get("next") is None:
                return
            asked["cursor"] = page["next"]

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _request(self, method: str, path: str, **parts: Any) -> tuple[int, bytes]:  # noqa: ANN401 - httpx's own
        patience = Patience(self._patience_seconds)
        while True:
            try:
                told = self._http.request(method, path, **parts)
            except httpx.TransportError as error:
                pause = patience.pause()
                if pause is None:
                    raise Unanswered(_why(error)) from None
            else:
                pause = patience.pause(told.headers.get("Retry-After")) if passes(told.status_code) else None
                if pause is None:
                    return told.status_code, told.content
            time.sleep(pause)

    def __enter__(self) -> Self:
        """Give the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


class AsyncClient:
    """The same, to be awaited."""

    def __init__(
        self, base_url: str, key: str, *, timeout_seconds: float = 30.0, patience_seconds: float = 60.0
    ) -> None:
        self._http = httpx.AsyncClient(**_options(base_url, key, timeout_seconds))
        self._patience_seconds = patience_seconds

    async def append(self, fact: Fact) -> Receipt:
        """Append one fact and wait until it is durable. Raises `ServerProblem` and `Unanswered`."""
        return receipt_in(*await self._request("POST", EVENTS, headers=_SINGLE, content=_text(fact)))

    async def append_many(self, facts: Iterable[Fact], *, batch: int = BATCH) -> AsyncIterator[Receipt | ServerProblem]:
        """Append facts, batch by batch, and give one answer each, in order; a bad one does not stop the others.

        Raises `ServerProblem` where a whole batch was refused, and `Unanswered`.
        """
        for some in _cut(facts, batch):
            for answer in receipts_in(
                *await self._request("POST", EVENTS, headers=_BATCH, content=_text(some)), len(some)
            ):
                yield answer

    async def ask(self, fact: Fact) -> Decision:
        """Ask whether a fact may be done; nothing is stored. Raises `ServerProblem` and `Unanswered`."""
        return decision_in(*await self._request("POST", DECISIONS, headers=_SINGLE, content=_text(fact)))

    async def read(self, *path: str, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a question takes
        """Ask `GET /v1/…`, such as `"customers", "customer:1", "sharing"`, with its parameters; gives the document.

        Raises `ServerProblem` and `Unanswered`.
        """
        return document_in(*await self._request("GET", _path(path), params=asked))

    async def pages(self, *path: str, **asked: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401 - as above
        """Give every page of a list, all of one moment. Raises `ServerProblem` and `Unanswered`."""
        while True:
            page = await self.read(*path, **asked)
            yield page
            if page.get("next") is None:
                return
            asked["cursor"] = page["next"]

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _request(self, method: str, path: str, **parts: Any) -> tuple[int, bytes]:  # noqa: ANN401 - httpx's own
        patience = Patience(self._patience_seconds)
        while True:
            try:
                told = await self._http.request(method, path, **parts)
            except httpx.TransportError as error:
                pause = patience.pause()
                if pause is None:
                    raise Unanswered(_why(error)) from None
            else:
                pause = patience.pause(told.headers.get("Retry-After")) if passes(told.status_code) else None
                if pause is None:
                    return told.status_code, told.content
            await asyncio.sleep(pause)

    async def __aenter__(self) -> Self:
        """Give the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()


def _why(error: httpx.TransportError) -> str:
    """Say why nothing came back, without the address, which can hold a password."""
    return "it took too long" if isinstance(error, httpx.TimeoutException) else "no connection to it could be kept"
