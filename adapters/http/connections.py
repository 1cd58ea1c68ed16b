"""Close connections that send no request, or never finish one, so that they cannot pile up.

The head of a request is read up to `HEADERS_MAX` bytes and for `HEADERS_SECONDS`, from the opening of the connection or
from the first byte of the next request. If a request is answered before its body has come, the rest of the body is read
for as long, and thrown away. Uvicorn limits none of these. `adapters.http.backpressure` limits bodies.
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
                f"its head is not HTTP/1.1, or is longer than {HEADERS_MAX:,} bytes.",
                "Send HTTP/1.1 to this port, with long values in the body.",
            )
        ),
        "status": 400,
    }
).encode()
_NOT_READ: Final = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
    % (PROBLEM_JSON.encode(), len(_PROBLEM), _PROBLEM)
)


class TimedProtocol(HttpToolsProtocol):
    """One connection of uvicorn's, with time limits."""

    _until: asyncio.TimerHandle | None = None
    _is_in_head = False
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
        """Take the data; too long a head ends the connection."""
        self._size += len(data)
        super().data_received(data)
        if self._is_in_head and self._size > HEADERS_MAX and not self.transport.is_closing():
            self.send_400_response("too long")

    def send_400_response(self, msg: str) -> None:
        """Answer a request that cannot be read with problem details, and close the connection."""
        del msg
        self.transport.write(_NOT_READ)
        self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to wait for the end of the head."""
        super().on_message_begin()
        self._is_in_head, self._size = True, 0
        self._wait()

    def on_headers_complete(self) -> None:
        """Wait no more: from here on the app limits the body."""
        self._is_in_head = False
        self._wait_no_more()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait no more for the rest of a body."""
        self._wait_no_more()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Begin to wait for the rest of a body that nobody reads."""
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
