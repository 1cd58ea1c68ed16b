"""One attempt to send a webhook: a POST, and its result.

An attempt ends within `ATTEMPT_SECONDS`, whatever the receiver does. It follows no redirect, uses no proxy, keeps no
cookie, and reads nothing of the answer but its status and Retry-After. The host is looked up for each attempt, and the
address that was checked is the one that is connected to; the certificate must be the name's. The result repeats nothing
of what the receiver said.
"""

from __future__ import annotations

import asyncio
import ssl
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

import httpx

from adapters.webhooks.addresses import address_problem, resolve
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


class WebhookRequest(NamedTuple):
    """All that one attempt needs."""

    url: str
    allows_private: bool
    headers: Mapping[str, str]
    body: bytes


class PostResult(NamedTuple):
    """The result of an attempt: `why` it failed, or None if it was delivered."""

    why: str | None
    status: int | None = None
    retry_after: int | None = None
    """The seconds that the receiver asked for."""

    @property
    def is_gone(self) -> bool:
        """Return whether the receiver wants no more messages."""
        return self.status == GONE


class Poster:
    """Makes any number of attempts at once, on its own thread; close it after use."""

    def __init__(self) -> None:
        self._tls = httpx.create_ssl_context()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="webhooks", daemon=True)
        self._thread.start()

    def post(self, request: WebhookRequest) -> Future[PostResult]:
        """Begin an attempt; its result comes within `ATTEMPT_SECONDS`."""
        return asyncio.run_coroutine_threadsafe(self._attempted(request), self._loop)

    def close(self) -> None:
        """Cancel what is under way, and end the thread."""
        asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _attempted(self, request: WebhookRequest) -> PostResult:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                return await self._posted(request)
        except (TimeoutError, httpx.TimeoutException):
            return PostResult("it did not answer in time")
        except httpx.TransportError as error:
            return PostResult(_why(error))
        except Exception as error:  # noqa: BLE001 - a defect of one webhook must not stop the sender of all
            return PostResult(f"the attempt ended in {type(error).__name__}")

    async def _posted(self, request: WebhookRequest) -> PostResult:
        url = httpx.URL(request.url)
        host = url.raw_host.decode()
        port = url.port or _PORTS[url.scheme]
        addresses = await self._loop.run_in_executor(None, resolve, host, port)
        if why := address_problem(addresses, allows_private=request.allows_private):
            return PostResult(why)
        headers = {
            **request.headers,
            "Host": url.netloc.decode(),
            "Content-Type": CONTENT_TYPE,
            "User-Agent": _AGENT,
            "Connection": "close",
        }
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        # A client for each attempt, so that no cookie or connection of one webhook reaches another.
        async with httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=timeout) as client:
            for left, address in enumerate(reversed(addresses)):
                outgoing = client.build_request(
                    "POST",
                    url.copy_with(host=address),
                    headers=headers,
                    content=request.body,
                    extensions={"sni_hostname": host},
                )
                try:
                    answer = await client.send(outgoing, stream=True)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    if left == len(addresses) - 1:
                        raise
                    continue
                await answer.aclose()
                return _result(answer)
        raise AssertionError("a host without addresses was refused")


async def _cancel_others() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _result(answer: httpx.Response) -> PostResult:
    if answer.status_code in _OK:
        return PostResult(None, answer.status_code)
    retry_after = answer.headers.get("retry-after", "")
    is_number = retry_after.isascii() and retry_after.isdigit() and len(retry_after) < len(str(10**9))
    seconds = int(retry_after) if is_number else None
    return PostResult(f"it answered {answer.status_code}", answer.status_code, seconds)


def _why(error: httpx.TransportError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "its certificate is not valid for it"
        if isinstance(cause, ssl.SSLError):
            return "no TLS connection to it could be made"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ProtocolError):
        return "its answer is not HTTP"
    if isinstance(error, httpx.ConnectError):
        return "nothing answers at its address"
    return "the connection to it broke"
