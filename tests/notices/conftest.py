"""A real web server on loopback, whose pages a test decides."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

import pytest

from tests.serving import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Site:
    """Pages by path: a body with its type, or a function that answers by itself."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.pages: dict[str, tuple[int, dict[str, str], bytes] | Callable[[Any], None]] = {}

    def page(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> str:
        """Put a page in place, and give its address."""
        raw = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, {"Content-Type": "text/html; charset=utf-8", **named}, raw)
        return self.address + path

    def answers(self, path: str, answer: Callable[[Any], None]) -> str:
        """Let a function answer for a page, and give its address."""
        self.pages[path] = answer
        return self.address + path


@pytest.fixture
def site() -> Iterator[Site]:
    """Run the server for one test."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the page of the path."""
            page = it.pages.get(self.path, (404, {}, b""))
            if callable(page):
                page(self)
                return
            status, headers, body = page
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with Loopback(Handler) as server:
        it = Site(server.url)
        yield it
