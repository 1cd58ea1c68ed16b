"""Fetch a page over HTTP, with limits on everything.

The result is a page, or an error that says why none was seen. Refused are addresses that are not http or https or that
carry a password, more than `BYTES_MAX`, more than `SECONDS_MAX` in all, more than `REDIRECTS_MAX` redirects, error
statuses, and everything but HTML. No script is run.
"""

from __future__ import annotations

import hashlib
import time
from typing import Final, NamedTuple

import httpx

from domain.errors import PledgerError

BYTES_MAX: Final = 5 * 2**20
SECONDS_MAX: Final = 20.0
REDIRECTS_MAX: Final = 5
_HTML: Final = ("text/html", "application/xhtml+xml")
_AGENT: Final = "pledger-notice-check/1"


class NoticeNotSeen(PledgerError):
    """A page could not be fetched, so nothing is known of its notice."""

    code = "notice_not_seen"


class Page(NamedTuple):
    """A fetched page: its address after redirects, its status, the digest of its bytes (hex), and its text."""

    url: str
    status: int
    sha256: str
    text: str


def fetch(url: str, seconds: float = SECONDS_MAX) -> Page:
    """Fetch a page. Raises `NoticeNotSeen`."""
    _check(url)
    deadline = time.monotonic() + seconds
    limits = httpx.Timeout(min(10.0, seconds))
    try:
        with (
            httpx.Client(
                timeout=limits, follow_redirects=True, max_redirects=REDIRECTS_MAX, headers={"User-Agent": _AGENT}
            ) as client,
            client.stream("GET", url) as answer,
        ):
            _check(str(answer.url))
            if not answer.is_success:
                raise _unseen(f"the server answered with status {answer.status_code}")
            if answer.headers.get("content-type", "").partition(";")[0].strip().lower() not in _HTML:
                raise _unseen("the server did not send HTML")
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > BYTES_MAX:
                    raise _unseen(f"it is longer than {BYTES_MAX:,} bytes")
                if time.monotonic() > deadline:
                    raise _unseen(f"it did not come within {seconds:g} seconds")
            encoding = answer.charset_encoding or "utf-8"
            return Page(str(answer.url), answer.status_code, hashlib.sha256(body).hexdigest(), _decoded(body, encoding))
    except httpx.TooManyRedirects:
        raise _unseen(f"it redirects more than {REDIRECTS_MAX} times") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unseen(_why(error)) from None


def _check(url: str) -> None:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        raise _unseen("its address cannot be read") from None
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise _unseen("its address does not begin with http:// or https://")
    if parts.userinfo:
        raise _unseen("its address carries a user or a password")


def _decoded(body: bytes | bytearray, encoding: str) -> str:
    try:
        return bytes(body).decode(encoding, errors="replace")
    except LookupError:
        return bytes(body).decode(errors="replace")


def _why(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "the server took too long"
    return "its server did not answer completely"


def _unseen(why: str) -> NoticeNotSeen:
    return NoticeNotSeen(
        "The page was not seen, and nothing was recorded.", f"{why}.", "Fix that, or look at the page another way."
    )
