"""One attempt to tell a webhook: a POST, and what came of it.

Promise: it ends within `ATTEMPT_SECONDS`, whatever the other side does. No redirect is followed, no proxy is used, no
cookie is kept, and nothing of the answer but its status and Retry-After is read. The host is looked up for each
attempt, and what was looked at is what is connected to; the certificate must be the name's. An error says what went
wrong in words of our own, never in the other side's.
"""

from __future__ import annotations

import asyncio
import ssl
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

import httpx

from adapters.webhooks.addresses import looked_up, objection
from adapters.webhooks.messages import CONTENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

ATTEMPT_SECONDS: Final = 15.0
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
GONE: Final = 410
_OK: Final = range(200, 300)
_PORTS: Final = {"http": 80, "https": 443}
_AGENT: Final = "pledger-webhooks"


class Letter(NamedTuple):
    """All that one attempt needs."""

    url: str
    allows_private: bool
    headers: Mapping[str, str]
    body: bytes


class Outcome(NamedTuple):
    """What came of an attempt. `why` is None where it was delivered."""

    why: str | None
    status: int | None = None
    retry_after: int | None = None
    """Seconds that the other side asked for."""

    @property
    def is_gone(self) -> bool:
        """Tell whether the other side wants to be told of nothing any more."""
        return self.status == GONE


class Poster:
    """Makes attempts, any number at once, on a thread of its own; to be closed."""

    def __init__(self) -> None:
        self._tls = httpx.create_ssl_context()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="webhooks", daemon=True)
        self._thread.start()

    def post(self, letter: Letter) -> Future[Outcome]:
        """Begin an attempt; its result is there within `ATTEMPT_SECONDS`."""
        return asyncio.run_coroutine_threadsafe(self._attempted(letter), self._loop)

    def close(self) -> None:
        """Break off what is under way, and end the thread."""
        asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _attempted(self, letter: Letter) -> Outcome:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                return await self._posted(letter)
        except (TimeoutError, httpx.TimeoutException):
            return Outcome("it did not answer in time")
        except httpx.TransportError as error:
            return Outcome(_why(error))
        except Exception as error:  # noqa: BLE001 - whatever is odd about one webhook must not end the others' worker
            return Outcome(f"the attempt ended in {type(error).__name__}")

    async def _posted(self, letter: Letter) -> Outcome:
        url = httpx.URL(letter.url)
        host = url.raw_host.decode()
        port = url.port or _PORTS[url.scheme]
        addresses = await self._loop.run_in_executor(None, looked_up, host, port)
        if why := objection(addresses, allows_private=letter.allows_private):
            return Outcome(why)
        headers = {
            **letter.headers,
            "Host": url.netloc.decode(),
            "Content-Type": CONTENT_TYPE,
            "User-Agent": _AGENT,
            "Connection": "close",
        }
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        # A client for each attempt: nothing of one webhook can come to another, be it a cookie or a connection.
        async with httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=timeout) as client:
            for left, address in enumerate(reversed(addresses)):
                request = client.build_request(
                    "POST",
                    url.copy_with(host=address),
                    headers=headers,
                    content=letter.body,
                    extensions={"sni_hostname": host},
                )
                try:
                    answer = await client.send(request, stream=True)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if left == len(addresses) - 1:
                        raise
                    continue
                await answer.aclose()
                return _outcome(answer)
        raise AssertionError("an objection is made where there is no address")


async def _cancel_others() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _outcome(answer: httpx.Response) -> Outcome:
    if answer.status_code in _OK:
        return Outcome(None, answer.status_code)
    wanted = answer.headers.get("retry-after", "")
    seconds = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < len(str(10**9)) else None
    return Outcome(f"it answered {answer.status_code}", answer.status_code, seconds)


def _why(error: httpx.TransportError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "its certificate is not valid for it"
        if isinstance(cause, ssl.SSLError):
            return "no TLS connection to it came about"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ProtocolError):
        return "what it answered is no HTTP"
    if isinstance(error, httpx.ConnectError):
        return "nothing answers at its address"
    return "the connection to it broke"
