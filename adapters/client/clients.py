"""The two clients: the same requests, blocking or asynchronous.

Each has one connection pool. A batch is cut into requests that the server accepts, and answered fact by fact, in order.
A request that stays without an answer raises, after the answers to the requests before it.
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
from adapters.client.retry import Retry
from adapters.transient import is_transient_status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
    from types import TracebackType

    Fact = Mapping[str, Any]
    """A CloudEvent, as a mapping of JSON values."""

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
    """Return the path of a question; a customer's name in it may hold any character."""
    return "/".join(("/v1", *(quote(part, safe=":@") for part in parts)))


class Client:
    """Appends facts to a server, asks whether they are allowed, and reads what it knows. Threads may share one.

    `retry_seconds` is how long one request is tried again.
    """

    def __init__(self, base_url: str, key: str, *, timeout_seconds: float = 30.0, retry_seconds: float = 60.0) -> None:
        self._http = httpx.Client(**_options(base_url, key, timeout_seconds))
        self._retry_seconds = retry_seconds

    def append(self, fact: Fact) -> Receipt:
        """Append one fact and wait until it is durable. Raise `ServerProblem` and `Unanswered`."""
        return receipt_in(*self._request("POST", EVENTS, headers=_SINGLE, content=_text(fact)))

    def append_many(self, facts: Iterable[Fact], *, batch: int = BATCH) -> Iterator[Receipt | ServerProblem]:
        """Append facts, batch by batch, and yield one answer each, in order; a bad one does not stop the others.

        Raise `ServerProblem` if a whole batch was refused, and `Unanswered`.
        """
        for some in _cut(facts, batch):
            yield from receipts_in(*self._request("POST", EVENTS, headers=_BATCH, content=_text(some)), len(some))

    def ask(self, fact: Fact) -> Decision:
        """Ask whether a fact is allowed; nothing is stored. Raise `ServerProblem` and `Unanswered`."""
        return decision_in(*self._request("POST", DECISIONS, headers=_SINGLE, content=_text(fact)))

    def read(self, *path: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - the parameters of a question
        """Ask `GET /v1/…`, such as `"customers", "customer:1", "sharing"`, with its parameters; return the document.

        Raise `ServerProblem` and `Unanswered`.
        """
        return document_in(*self._request("GET", _path(path), params=parameters))

    def pages(self, *path: str, **parameters: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as above
        """Yield every page of a list, all as of one moment. Raise `ServerProblem` and `Unanswered`."""
        while True:
            page = self.read(*path, **parameters)
            yield page
            if page.get("next") is None:
                return
            parameters["cursor"] = page["next"]

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _request(self, method: str, path: str, **parts: Any) -> tuple[int, bytes]:  # noqa: ANN401 - httpx's own
        retry = Retry(self._retry_seconds)
        while True:
            try:
                answer = self._http.request(method, path, **parts)
            except httpx.TransportError as error:
                pause = retry.pause()
                if pause is None:
                    raise Unanswered(_why(error)) from None
            else:
                pause = (
                    retry.pause(answer.headers.get("Retry-After")) if is_transient_status(answer.status_code) else None
                )
                if pause is None:
                    return answer.status_code, answer.content
            time.sleep(pause)

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        self.close()


class AsyncClient:
    """The same methods, to be awaited."""

    def __init__(self, base_url: str, key: str, *, timeout_seconds: float = 30.0, retry_seconds: float = 60.0) -> None:
        self._http = httpx.AsyncClient(**_options(base_url, key, timeout_seconds))
        self._retry_seconds = retry_seconds

    async def append(self, fact: Fact) -> Receipt:
        """Append one fact and wait until it is durable. Raise `ServerProblem` and `Unanswered`."""
        return receipt_in(*await self._request("POST", EVENTS, headers=_SINGLE, content=_text(fact)))

    async def append_many(self, facts: Iterable[Fact], *, batch: int = BATCH) -> AsyncIterator[Receipt | ServerProblem]:
        """Append facts, batch by batch, and yield one answer each, in order; a bad one does not stop the others.

        Raise `ServerProblem` if a whole batch was refused, and `Unanswered`.
        """
        for some in _cut(facts, batch):
            for answer in receipts_in(
                *await self._request("POST", EVENTS, headers=_BATCH, content=_text(some)), len(some)
            ):
                yield answer

    async def ask(self, fact: Fact) -> Decision:
        """Ask whether a fact is allowed; nothing is stored. Raise `ServerProblem` and `Unanswered`."""
        return decision_in(*await self._request("POST", DECISIONS, headers=_SINGLE, content=_text(fact)))

    async def read(self, *path: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - the parameters of a question
        """Ask `GET /v1/…`, such as `"customers", "customer:1", "sharing"`, with its parameters; return the document.

        Raise `ServerProblem` and `Unanswered`.
        """
        return document_in(*await self._request("GET", _path(path), params=parameters))

    async def pages(self, *path: str, **parameters: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401 - as above
        """Yield every page of a list, all as of one moment. Raise `ServerProblem` and `Unanswered`."""
        while True:
            page = await self.read(*path, **parameters)
            yield page
            if page.get("next") is None:
                return
            parameters["cursor"] = page["next"]

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _request(self, method: str, path: str, **parts: Any) -> tuple[int, bytes]:  # noqa: ANN401 - httpx's own
        retry = Retry(self._retry_seconds)
        while True:
            try:
                answer = await self._http.request(method, path, **parts)
            except httpx.TransportError as error:
                pause = retry.pause()
                if pause is None:
                    raise Unanswered(_why(error)) from None
            else:
                pause = (
                    retry.pause(answer.headers.get("Retry-After")) if is_transient_status(answer.status_code) else None
                )
                if pause is None:
                    return answer.status_code, answer.content
            await asyncio.sleep(pause)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the client."""
        await self.close()


def _why(error: httpx.TransportError) -> str:
    """Return why there was no answer, without the address, which can hold a password."""
    return "it took too long" if isinstance(error, httpx.TimeoutException) else "there was no connection to it"
