"""`/u/TOKEN`: the page behind an unsubscribe link, and its button.

Only a POST acts. It needs no key and no cookie, and is answered at its own address without a redirect, as RFC 8058
section 3.2 asks. The mail service's one-click and the button of the page do the same, and the body makes no difference.
GET and HEAD change nothing and do not query the database, because mail scanners follow links. A body is read up to
`BODY_MAX` bytes, within `BODY_SECONDS`. Nothing of an address is logged or repeated. Clicks wait in their own threads,
so they hold up nothing else of the server.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Annotated, Any, Final

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse
from starlette.requests import ClientDisconnect

from adapters.unsubscribe.links import ONE_CLICK, PATH
from adapters.unsubscribe.page import PROGRAMS, headers, page
from adapters.unsubscribe.tokens import TokenNotValid
from adapters.unsubscribe.unsubscriber import Unsubscriber
from domain.errors import PledgerError

BODY_MAX: Final = 16 * 2**10
BODY_SECONDS: Final = 10.0
THREADS: Final = 8
_RETRY_SECONDS: Final = "60"
_log = logging.getLogger("pledger.unsubscribe")

_FORM: Final = {"schema": {"type": "object"}, "example": {"List-Unsubscribe": "One-Click"}}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "description": f"What a mail service sends ({ONE_CLICK}), or the page's button. It makes no difference.",
        "required": False,
        "content": {"application/x-www-form-urlencoded": _FORM, "multipart/form-data": _FORM},
    }
}
TokenInPath = Annotated[str, Path(description="As it stands in the link.", examples=["AaUbRm0…"])]


class BodyNotRead(PledgerError):
    """The body of a click is too long, or does not end."""

    code = "click_not_read"


def router(unsubscriber: Unsubscriber) -> APIRouter:
    """Return the endpoints over an unsubscriber, to be included in an app."""
    routes = APIRouter(tags=["unsubscribing"], default_response_class=HTMLResponse)
    threads = anyio.CapacityLimiter(THREADS)

    @routes.head(PATH + "{token}", include_in_schema=False)
    @routes.get(PATH + "{token}", responses=_pages("A page with a button.", 404))
    async def ask(token: TokenInPath) -> HTMLResponse:
        """Show the page behind an unsubscribe link; nothing changes before its button is pressed."""
        try:
            link = unsubscriber.read(token)
        except TokenNotValid as error:
            return _problem(error)
        return _page(200, "ask", program=link.program)

    @routes.post(PATH + "{token}", responses=_pages("It is done.", 404, 413, 503), openapi_extra=_BODY)
    async def act(request: Request, token: TokenInPath) -> HTMLResponse:
        """Take the person out of the program that the link names: the one-click of RFC 8058, or the page's button."""
        try:
            link = unsubscriber.read(token)
            await _drain(request)
            await run_sync(unsubscriber.unsubscribe, token, limiter=threads)
        except PledgerError as error:
            return _problem(error)
        others = {other: unsubscriber.token_of(link, other) for other in PROGRAMS if other is not link.program}
        return _page(200, "done", program=link.program, others=others)

    return routes


async def _drain(request: Request) -> None:
    """Read the body, of which nothing is used. Raise `BodyNotRead`."""
    size = 0
    is_whole = False
    with anyio.move_on_after(BODY_SECONDS), suppress(ClientDisconnect):
        async for piece in request.stream():
            size += len(piece)
            if size > BODY_MAX:
                break
        else:
            is_whole = True
    if not is_whole:
        raise BodyNotRead(
            "The request body is too large or too slow.",
            f"it is longer than {BODY_MAX:,} bytes, took more than {BODY_SECONDS:g} seconds, or broke off.",
            "Open the link in your browser, and press the button there.",
        )


def _problem(error: PledgerError) -> HTMLResponse:
    if isinstance(error, TokenNotValid):
        return _page(404, "problem", what=error.what, hint=error.hint)
    if isinstance(error, BodyNotRead):
        return _page(413, "problem", what=error.what, hint=error.hint)
    _log.error("a click was not recorded: %s", error.code)
    hint = "We could not record it just now. Wait a minute, then press the button again."
    answer = _page(503, "problem", what="Please try again in a minute", hint=hint)
    answer.headers["Retry-After"] = _RETRY_SECONDS
    return answer


def _page(status: int, name: str, **values: object) -> HTMLResponse:
    return HTMLResponse(page(name, **values), status, headers())


def _pages(done: str, *problems: int) -> dict[int | str, dict[str, Any]]:
    descriptions = {
        404: "The token is incomplete, or not of this ledger (`unsubscribe_token_not_valid`). Nothing changes.",
        413: "The body was longer than a click (`click_not_read`). Nothing changes.",
        503: "It could not be stored; send it again after `Retry-After`.",
    }
    answers: dict[int | str, dict[str, Any]] = {200: {"description": done}}
    return answers | {status: {"description": descriptions[status]} for status in problems}
