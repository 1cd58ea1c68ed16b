"""Limits on what the server takes in at once.

A body is read up to `BODY_MAX` bytes and for `BODY_SECONDS`. Facts that wait for their transaction are counted; beyond
`FACTS_MAX` a request is turned away, with the advice to come back, so that memory does not grow with the load.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

import anyio
from starlette.requests import ClientDisconnect

from adapters.http.problems import BodyCutShort, BodyTooLarge, BodyTooSlow, TooBusy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_MAX: Final = 8 * 2**20
BODY_SECONDS: Final = 30.0
"""How long a body may take; 8 MiB take this long at 2.3 megabits a second."""
BATCH_MAX: Final = 1_000
"""How many facts a request may hold."""
FACTS_MAX: Final = 20_000
"""How many facts may wait for their transactions at once."""


class Backpressure:
    """Counts the facts that are under way, and turns requests away when there are too many."""

    def __init__(self, most: int = FACTS_MAX) -> None:
        self._most = most
        self._inside = 0
        self._lock = Lock()

    @property
    def inside(self) -> int:
        """Return how many facts are under way."""
        return self._inside

    @contextmanager
    def admitted(self, facts: int) -> Iterator[None]:
        """Admit so many facts for the length of the block. Raises `TooBusy`."""
        with self._lock:
            if self._inside and self._inside + facts > self._most:
                raise TooBusy(
                    "The request was turned away.",
                    "as many facts as the server takes at once are waiting to be stored.",
                    "Send it again after a second, under the same ids.",
                )
            self._inside += facts
        try:
            yield
        finally:
            with self._lock:
                self._inside -= facts


class BodyLimit:
    """Middleware that limits a body to `BODY_MAX` bytes and `BODY_SECONDS`.

    Reading more raises `BodyTooLarge` or `BodyTooSlow`, before it is in memory.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http":
            length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
            receive = _Body(receive, int(length) if length.isdigit() else 0).piece
        await self._app(scope, receive, send)


class _Body:
    """The body of one request as it comes; `length` is its Content-Length, or 0."""

    def __init__(self, receive: Receive, length: int) -> None:
        self._receive = receive
        self._length = length
        self._size = 0
        self._until = anyio.current_time() + BODY_SECONDS
        self._is_whole = False

    async def piece(self) -> Message:
        """Return the next piece; after the last one, the server's messages about the connection."""
        if self._is_whole:
            return await self._receive()
        if self._length > BODY_MAX:
            raise _too_large()
        message: Message = {}
        with anyio.move_on_at(self._until):
            message = await self._receive()
        if not message:
            why = f"its body was not complete within {BODY_SECONDS:g} seconds."
            raise BodyTooSlow(
                "The request was not read.", why, "Send it again, with fewer facts at once if it is long."
            )
        self._size += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._size > BODY_MAX:
            raise _too_large()
        return message


async def body_of(request: Request) -> bytes:
    """Read the body of a request. Raises `BodyTooLarge`, `BodyTooSlow` and `BodyCutShort`."""
    try:
        return await request.body()
    except ClientDisconnect:
        # The client is gone, and the server is not at fault.
        raise BodyCutShort(
            "Nothing was stored.", "the connection ended before the body did.", "Send it again, whole."
        ) from None


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(
        "The request was not read.", f"its body is longer than {BODY_MAX:,} bytes.", "Send fewer facts at once."
    )
