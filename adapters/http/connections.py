"""Connections that bring no request, or no end of one: they are closed, so that they cannot pile up.

Promise: what is before a body is read up to `HEADERS_MAX` bytes and for `HEADERS_SECONDS`, from the opening of the
connection or from the first byte of a request after another; where a request was answered before its body had come,
what is left of that is let in for as long, and thrown away. Uvicorn bounds none of these. Bodies are bounded in
`adapters.http.backpressure`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapters.http.problems import PROBLEM_JSON, RequestError, problem

if TYPE_CHECKING:
    import asyncio

HEADERS_MAX: Final = 32 * 2**10
HEADERS_SECONDS: Final = 20.0


_PROBLEM: Final = json.dumps(
    {
        **problem(
            RequestError(
                "The request was not read.",
                f"its head is no HTTP/1.1, or longer than {HEADERS_MAX:,} bytes.",
                "Send HTTP/1.1 to this port, with what is long in the body.",
            )
        ),
        "status": 400,
    }
).encode()
_NOT_READ: Final = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
    % (PROBLEM_JSON.encode(), len(_PROBLEM), _PROBLEM)
)


class Patient(HttpToolsProtocol):
    """One connection, as uvicorn makes it, that is not waited for for ever."""

    _until: asyncio.TimerHandle | None = None
    _is_before_body = False
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; too much of what stands before a body ends the connection."""
        self._size += len(data)
        super().data_received(data)
        if self._is_before_body and self._size > HEADERS_MAX and not self.transport.is_closing():
            self.send_400_response("too long")

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read as a request, in our form, and close the connection."""
        del msg
        self.transport.write(_NOT_READ)
        self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to wait for the end of what stands before the body."""
        super().on_message_begin()
        self._is_before_body, self._size = True, 0
        self._wait()

    def on_headers_complete(self) -> None:
        """Wait no more: from here on the app bounds what comes."""
        self._is_before_body = False
        self._wait_no_more()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait no more for what is left of a body."""
        self._wait_no_more()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin to wait for what is left of a body that nobody reads."""
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body and not self.transport.is_closing():
            self._wait()

    def _wait(self) -> None:
        self._wait_no_more()
        self._until = self.loop.call_later(HEADERS_SECONDS, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None
