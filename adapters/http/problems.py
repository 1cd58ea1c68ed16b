"""Errors as they are answered: problem details, after RFC 9457.

Promise: every error is `application/problem+json` with a stable `code`, what happened (`title`), why (`detail`) and
what to do (`hint`); `type` is `/problems/CODE`. `errors` names the fields that are wrong, `promises` those that would
have been broken. Nothing of what was sent is repeated, and an error that nobody foresaw says only that it was one.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.errors import MalformedFact, PledgerError, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapi import FastAPI, Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROBLEM_JSON: Final = "application/problem+json"
STATUS: Final[Mapping[str, int]] = {
    "malformed_fact": 422,
    "malformed_request": 422,
    "time_in_future": 422,
    "not_yet_written": 422,
    "bad_as_of": 422,
    "bad_cursor": 422,
    "no_such_promise": 422,
    "grant_not_for_role": 422,
    "key_not_valid": 401,
    "role_not_allowed": 403,
    "outside_of_scope": 403,
    "refused": 403,
    "unknown_customer": 404,
    "not_found": 404,
    "unknown_projection": 404,
    "no_such_key": 404,
    "method_not_allowed": 405,
    "fact_conflict": 409,
    "version_conflict": 409,
    "rebuild_running": 409,
    "body_cut_short": 400,
    "body_too_slow": 408,
    "body_too_large": 413,
    "media_type_not_supported": 415,
    "too_busy": 429,
    "connection_lost": 503,
    "database_unreachable": 503,
    "statement_overdue": 503,
    "append_failed": 503,
    "projection_behind": 503,
    "projection_outdated": 503,
    "projection_broken": 503,
    "poison_event": 503,
}
"""The HTTP status of each code that a request can be answered with; any other is the server's own fault: 500."""
_RETRY_SECONDS: Final = {429: "1", 503: "5"}
_BY_STATUS: Final = {404: "not_found", 405: "method_not_allowed"}
_log = logging.getLogger("pledger.http")


class RequestError(PledgerError):
    """A request cannot be answered; `problems` lists what is wrong with it."""

    code = "malformed_request"

    def __init__(self, what: str, why: str, hint: str, problems: Iterable[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(what, why, hint)


class RoleNotAllowed(RequestError):
    """The role of the key does not do this."""

    code = "role_not_allowed"


class OutsideOfScope(RequestError):
    """The key is not for this source, collection point, purpose or recipient."""

    code = "outside_of_scope"


class BodyTooLarge(RequestError):
    """More was sent than is read."""

    code = "body_too_large"


class BodyTooSlow(RequestError):
    """A body did not come to its end in time."""

    code = "body_too_slow"


class BodyCutShort(RequestError):
    """The connection ended before the body did."""

    code = "body_cut_short"


class MediaTypeNotSupported(RequestError):
    """The body is of a type that is not read here."""

    code = "media_type_not_supported"


class BadCursor(RequestError):
    """A cursor was not given here, or for another question."""

    code = "bad_cursor"


class TooBusy(RequestError):
    """So much is being appended that more would only wait."""

    code = "too_busy"


def status_of(error: PledgerError) -> int:
    """Give the HTTP status with which an error is answered."""
    return STATUS.get(error.code, 500)


def problem(error: PledgerError) -> dict[str, Any]:
    """Give the problem details of an error."""
    told: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.what,
        "status": status_of(error),
        "detail": error.why,
        "hint": error.hint,
        "code": error.code,
    }
    if isinstance(error, MalformedFact | RequestError) and error.problems:
        told["errors"] = [{"where": one.where, "what": one.what} for one in error.problems]
    if isinstance(error, Refused):
        told |= {"promises": list(error.promises), "codes": list(error.codes)}
    return told


def answer(error: PledgerError) -> JSONResponse:
    """Answer a request with an error."""
    status = status_of(error)
    headers = {"Retry-After": _RETRY_SECONDS[status]} if status in _RETRY_SECONDS else {}
    if status == 401:  # noqa: PLR2004 - RFC 9110 asks for this header with it
        headers["WWW-Authenticate"] = "Bearer"
    if status == 408:  # noqa: PLR2004 - what is left of the body is not waited for
        headers["Connection"] = "close"
    return JSONResponse(problem(error), status, headers, media_type=PROBLEM_JSON)


def install(app: FastAPI) -> None:
    """Let an app answer every error so."""
    app.add_exception_handler(PledgerError, _pledgers)
    app.add_exception_handler(RequestValidationError, _frameworks)
    app.add_exception_handler(HTTPException, _frameworks)
    app.add_middleware(_Unforeseen)


async def _pledgers(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PledgerError), "it was registered for these"
    if status_of(error) >= 500:  # noqa: PLR2004 - from here on it is the server's fault
        _log.error("%s %s", error.code, _route(request.scope))
    return answer(error)


async def _frameworks(request: Request, error: Exception) -> JSONResponse:
    del request
    if isinstance(error, RequestValidationError):
        problems = [_problem(one["type"], one["loc"], one["msg"]) for one in error.errors()]
        return answer(
            RequestError("The request was not read.", "some of it is not as it should be.", "Mend it.", problems)
        )
    assert isinstance(error, HTTPException), "it was registered for these"
    if isinstance(error.__cause__, PledgerError):
        return answer(error.__cause__)  # FastAPI read the body, and the gate would not let it.
    if error.status_code == 400:  # noqa: PLR2004 - FastAPI's own answer to a body that is no text
        problems = [Problem("body", "is not JSON in UTF-8")]
        return answer(RequestError("The request was not read.", "its body cannot be read.", "Mend it.", problems))
    code = _BY_STATUS.get(error.status_code, "malformed_request")
    told = RequestError(
        "There is nothing here for this request.",
        "the path or the method is not one that the server has.",
        "See /openapi.json for what there is.",
    )
    body = {**problem(told), "type": f"/problems/{code}", "code": code, "status": error.status_code}
    return JSONResponse(body, error.status_code, error.headers, media_type=PROBLEM_JSON)


def _problem(kind: str, where: Sequence[str | int], what: str) -> Problem:
    """Say what is wrong with a parameter or a field; a name that is none of ours is not repeated."""
    if kind == "extra_forbidden":
        return Problem(".".join(map(str, where[:-1])), "holds a name that is not known here")
    return Problem(".".join(map(str, where)), what)


class _Unforeseen:
    """An ASGI app around another that answers the errors that nobody foresaw.

    A handler of the framework's would not do: it raises the error again, and the server logs its text, which could
    hold a value. Here its kind is all that is logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an answer that was under way when the error came is broken off."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing of it may come out
            _log.error("unforeseen %s %s", type(error).__name__, _route(scope))
            if not has_begun:
                await answer(_FAULT)(scope, receive, send)


_FAULT: Final = PledgerError(
    "The request was not answered.",
    "something went wrong that nobody foresaw; whether it was stored is not known.",
    "Send it again: what is stored is not stored twice. The server's log names the kind of error.",
)


def _route(scope: Scope) -> str:
    """Name a request without what it holds: a path can name a customer."""
    return f"{scope['method']} {getattr(scope.get('route'), 'path', 'unknown')}"
