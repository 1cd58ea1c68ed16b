"""Global Privacy Control: the request header Sec-GPC, and a site's statement that it supports it.

Only `Sec-GPC: 1` is a signal; of several such fields one that is exactly `1` suffices. `GlobalPrivacyControl` is put
around a shop's own web application. Before the application sees a request, the request has its signal, and the signal
is on the visitor's record, once for each change. A page is never lost for it: if the ledger does not answer in time,
the page goes on, and a later request records the signal.

A signal is never taken back. That a browser does not send it any more is recorded too, and the policy says what follows
from a signal. Nothing about a visitor is logged.

Source: https://www.w3.org/TR/gpc/, the sections on the header field and on the support resource.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.requests import HTTPConnection

from adapters.client import AsyncClient, Client
from adapters.contract import parse_fact
from adapters.ledger import utc_now
from adapters.own_facts import own_fact
from adapters.queries.signals import SignalOnRecord, signal_on_record
from domain.errors import FactConflict, MalformedFact, PledgerError
from domain.facts.fields import Subject

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from adapters.bootstrap import Installation

HEADER: Final = b"sec-gpc"
PATH: Final = "/.well-known/gpc.json"
STATED_ON: Final = date(2026, 11, 24)
"""The day of the server's own statement of support."""
SECONDS: Final = 2.0
"""How long a request waits for its signal to be recorded."""
PAUSE_SECONDS: Final = 5.0
"""How long nothing is recorded after the ledger did not answer, so that not every page waits for it."""
THREADS: Final = 8
VISITORS_MAX: Final = 100_000
"""How many visitors' signals are remembered."""
_EXAMPLE: Final = {"gpc": True, "lastUpdate": STATED_ON.isoformat()}
_log = logging.getLogger("pledger.gpc")

router = APIRouter(tags=["health"])


def is_on(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether a request carries the signal; `headers` are ASGI's, with names in lower case."""
    return any(name == HEADER and value == b"1" for name, value in headers)


def support(stated_on: date) -> dict[str, Any]:
    """Return the statement that a site abides by the signal, and since when it says so."""
    return {"gpc": True, "lastUpdate": stated_on.isoformat()}


@router.get(
    PATH,
    responses={
        200: {"description": "That the signal is honoured.", "content": {"application/json": {"example": _EXAMPLE}}}
    },
)
async def statement() -> JSONResponse:
    """Say that Global Privacy Control is supported at this address, and since when."""
    return JSONResponse(support(STATED_ON))


class _LastSeen(OrderedDict[str, bool]):
    """The last signal of each visitor; beyond `VISITORS_MAX` the one that was written first is forgotten."""

    def __setitem__(self, visitor: str, value: bool) -> None:
        super().__setitem__(visitor, value)
        if len(self) > VISITORS_MAX:
            self.popitem(last=False)


class GlobalPrivacyControl:
    """Middleware for a shop's own ASGI app, which finds the signal as `request.state.gpc`.

    `ledger` is an open ledger, or a client of a server. `visitor_of` returns a visitor's opaque id from a request,
    without `visitor:`, or None to record nothing. The shop must have issued the id, or anybody can fill the ledger.
    `known` maps ids to the signals on record. A client cannot ask for these, so processes that share a mapping record a
    change once, and other processes once each. With `stated_on` the app also answers /.well-known/gpc.json.
    """

    def __init__(  # noqa: PLR0913 - what a shop can say about its visitors
        self,
        app: ASGIApp,
        ledger: Installation | Client | AsyncClient,
        visitor_of: Callable[[HTTPConnection], str | None],
        *,
        source: str = "/website",
        stated_on: date | None = None,
        known: MutableMapping[str, bool] | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self._app = app
        self._append = _append_to(ledger)
        self._on_record = _on_record_in(ledger)
        self._visitor_of = visitor_of
        self._source = source
        self._stated_on = stated_on
        self._known = _LastSeen() if known is None else known
        self._clock = clock or (utc_now if isinstance(ledger, Client | AsyncClient) else ledger.ledger.now)
        self._under_way: dict[str, anyio.Event] = {}
        self._silent_until = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record the signal of a request, and pass the request on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if self._stated_on and scope["path"] == PATH and scope.get("method") in {"GET", "HEAD"}:
            await JSONResponse(support(self._stated_on))(scope, receive, send)
            return
        gpc = is_on(scope["headers"])
        scope.setdefault("state", {})["gpc"] = gpc
        visitor = self._visitor_of(HTTPConnection(scope))
        if visitor is not None:
            await self._note(visitor, gpc=gpc)
        await self._app(scope, receive, send)

    async def _note(self, visitor: str, *, gpc: bool) -> None:
        """Record the signal if it has changed, within `SECONDS`; requests of one page wait for the first of them."""
        with anyio.move_on_after(SECONDS) as limit:
            while (first := self._under_way.get(visitor)) is not None:
                await first.wait()
            if self._known.get(visitor) is gpc or time.monotonic() < self._silent_until:
                return
            self._under_way[visitor] = anyio.Event()
            try:
                await self._record(visitor, gpc=gpc)
            except MalformedFact:  # Nothing is wrong with the ledger, so other visitors' signals are recorded.
                _log.warning("a visitor's id is not one that a ledger takes")
            except FactConflict:
                pass  # Another process has recorded a change in between; the next request sees it.
            except PledgerError as error:
                self._silent_until = time.monotonic() + PAUSE_SECONDS
                _log.warning("a signal was not recorded: %s", error.code)
            finally:
                self._under_way.pop(visitor).set()
        if limit.cancelled_caught:
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            _log.warning("a signal was not recorded in time")

    async def _record(self, visitor: str, *, gpc: bool) -> None:
        data = {"signal": "gpc", "value": gpc}
        fact = own_fact("signal", self._source, f"gpc-{uuid4()}", self._clock(), data, f"visitor:{visitor}")
        parsed = parse_fact(fact)
        last = self._known.get(visitor)
        if self._on_record is not None and parsed.subject is not None:
            last, name = await self._on_record(parsed.subject)
            fact["id"] = f"gpc-{name}"
        # A browser that never sent it has not sent anything.
        if gpc is not (last or False):
            await self._append(fact)
        self._known[visitor] = gpc


_Append = Callable[[dict[str, Any]], Awaitable[None]]
_OnRecord = Callable[[Subject], Awaitable[SignalOnRecord]]


def _append_to(ledger: Installation | Client | AsyncClient) -> _Append:
    """Return a function that appends a fact without blocking the loop."""
    threads = anyio.CapacityLimiter(THREADS)
    if isinstance(ledger, AsyncClient):

        async def send(fact: dict[str, Any]) -> None:
            await ledger.append(fact)

        return send

    def append(fact: dict[str, Any]) -> None:
        if isinstance(ledger, Client):
            ledger.append(fact)
        else:
            ledger.ledger.append(parse_fact(fact))

    async def in_a_thread(fact: dict[str, Any]) -> None:
        await run_sync(append, fact, abandon_on_cancel=True, limiter=threads)

    return in_a_thread


def _on_record_in(ledger: Installation | Client | AsyncClient) -> _OnRecord | None:
    """Return a function from a visitor to the last signal on record and a name for the next; None for a client."""
    if isinstance(ledger, Client | AsyncClient):
        return None
    threads = anyio.CapacityLimiter(THREADS)

    async def in_a_thread(visitor: Subject) -> SignalOnRecord:
        return await run_sync(signal_on_record, ledger, visitor, abandon_on_cancel=True, limiter=threads)

    return in_a_thread
