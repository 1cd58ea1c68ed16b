"""What the server takes in at once, and how much of it.

Promise: a body is read up to `BODY_MAX` bytes and no further; facts that wait for their transaction are counted, and
beyond `FACTS_MAX` a request is sent away before it is read, so that memory does not grow with the load. Refused: to
queue what cannot be answered soon; whoever is sent away is told to come back.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Final

from adapters.http.problems import BodyTooLarge, TooBusy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import Request

BODY_MAX: Final = 8 * 2**20
BATCH_MAX: Final = 1_000
"""So many facts a request may hold."""
FACTS_MAX: Final = 20_000
"""So many facts may wait for their transactions at once."""


class Gate:
    """Counts the facts that are under way."""

    def __init__(self, most: int = FACTS_MAX) -> None:
        self._most = most
        self._inside = 0
        self._lock = Lock()

    @property
    def inside(self) -> int:
        """How many facts are under way."""
        return self._inside

    @contextmanager
    def admitted(self, facts: int) -> Iterator[None]:
        """Let so many facts in for the length of the block. Raises `TooBusy`."""
        with self._lock:
            if self._inside and self._inside + facts > self._most:
                raise TooBusy(
                    "The request was sent away.",
                    "as many facts as the server takes at once wait to be stored.",
                    "Send it again after a second, under the same ids.",
                )
            self._inside += facts
        try:
            yield
        finally:
            with self._lock:
                self._inside -= facts


async def body_of(request: Request, most: int = BODY_MAX) -> bytes:
    """Read the body of a request. Raises `BodyTooLarge`."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > most:
        raise _too_large(most)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(
        "The request was not read.", f"its body is longer than {most:,} bytes.", "Send fewer facts at once."
    )
