"""Answer errors as problem details (RFC 9457).

Every error is `application/problem+json` with a stable `code`, what happened (`title`), why (`detail`) and what to do
(`hint`); `type` is `/problems/CODE`. `errors` names the fields that are wrong, `promises` the promises that would be
broken. No answer repeats what was sent, and an unforeseen error only says that it is one.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.audit.reasons import reasons_of
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
    "not_vouched": 403,
    "erasure_waits": 409,
    "entry_forgotten": 409,
    "entry_declared_wrong": 409,
    "officer_only": 403,
    "unknown_customer": 404,
    "not_found": 404,
    "unknown_projection": 404,
    "no_such_key": 404,
    "method_not_allowed": 405,
    "fact_conflict": 409,
    "version_conflict": 409,
    "link_not_decided": 409,
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
"""The HTTP status of each error code; any other code is the server's own fault: 500."""
_RETRY_SECONDS: Final = {429: "1", 503: "5"}
_NOT_READ: Final = "The request was not read."
_BY_STATUS: Final = {404: "not_found", 405: "method_not_allowed"}
_log = logging.getLogger("pledger.http")


class RequestError(PledgerError):
    """A request cannot be answered; `problems` lists what is wrong with it."""

    code = "malformed_request"

    def __init__(self, what: str, why: str, hint: str, problems: Iterable[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(what, why, hint)


class RoleNotAllowed(RequestError):
    """The role of the key may not do this."""

    code = "role_not_allowed"


class OutsideOfScope(RequestError):
    """The scope of the key does not cover this source, collection point, purpose or recipient, or sealed values."""

    code = "outside_of_scope"


class BodyTooLarge(RequestError):
    """The body is too long."""

    code = "body_too_large"


class BodyTooSlow(RequestError):
    """The body was not complete in time."""

    code = "body_too_slow"


class BodyCutShort(RequestError):
    """The connection ended before the body was complete."""

    code = "body_cut_short"


class MediaTypeNotSupported(RequestError):
    """The server does not read bodies of this type."""

    code = "media_type_not_supported"


class BadCursor(RequestError):
    """The cursor was not issued by this server, or belongs to another query."""

    code = "bad_cursor"


class TooBusy(RequestError):
    """The server takes no more at once."""

    code = "too_busy"


def status_of(error: PledgerError) -> int:
    """Return the HTTP status of an error."""
    return STATUS.get(error.code, 500)


def problem(error: PledgerError) -> dict[str, Any]:
    """Return the problem details of an error."""
    details: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.what,
        "status": status_of(error),
        "detail": error.why,
        "hint": error.hint,
        "code": error.code,
    }
    if isinstance(error, MalformedFact | RequestError) and error.problems:
        details["errors"] = [{"where": one.where, "what": one.what} for one in error.problems]
    if isinstance(error, Refused):
        details |= {"promises": list(error.promises), "codes": list(error.codes), "reasons": reasons_of(error.codes)}
    return details


def answer(error: PledgerError) -> JSONResponse:
    """Return the answer with an error."""
    status = status_of(error)
    headers = {"Retry-After": _RETRY_SECONDS[status]} if status in _RETRY_SECONDS else {}
    if status == 401:  # noqa: PLR2004 - RFC 9110 asks for this header with it
        headers["WWW-Authenticate"] = "Bearer"
    if status == 408:  # noqa: PLR2004 - the rest of the body is not awaited
        headers["Connection"] = "close"
    return JSONResponse(problem(error), status, headers, media_type=PROBLEM_JSON)


def install(app: FastAPI) -> None:
    """Make an app answer every error so."""
    app.add_exception_handler(PledgerError, _on_pledger_error)
    app.add_exception_handler(RequestValidationError, _on_framework_error)
    app.add_exception_handler(HTTPException, _on_framework_error)
    app.add_middleware(_Unforeseen)


async def _on_pledger_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PledgerError), "it was registered for these"
    if status_of(error) >= 500:  # noqa: PLR2004 - from here on it is the server's fault
        _log.error("%s %s", error.code, _route(request.scope))
    return answer(error)


async def _on_framework_error(request: Request, error: Exception) -> JSONResponse:
    del request
    if isinstance(error, RequestValidationError):
        problems = [_problem(one["type"], one["loc"], one["msg"]) for one in error.errors()]
        return answer(
            RequestError(_NOT_READ, "the fields in `errors` are wrong.", "Correct them, and send it again.", problems)
        )
    assert isinstance(error, HTTPException), "it was registered for these"
    if isinstance(error.__cause__, PledgerError):
        return answer(error.__cause__)  # FastAPI was reading the body when a limit stopped it.
    if error.status_code == 400:  # noqa: PLR2004 - FastAPI's own answer to a body that is not text
        problems = [Problem("body", "is not JSON in UTF-8")]
        return answer(RequestError(_NOT_READ, "its body is not JSON in UTF-8.", "Send JSON in UTF-8.", problems))
    code = _BY_STATUS.get(error.status_code, "malformed_request")
    error_here = RequestError(
        "The server has no such endpoint.",
        "there is no such path, or the path does not have this method.",
        "See /openapi.json for the endpoints.",
    )
    body = {**problem(error_here), "type": f"/problems/{code}", "code": code, "status": error.status_code}
    return JSONResponse(body, error.status_code, error.headers, media_type=PROBLEM_JSON)


def _problem(kind: str, where: Sequence[str | int], what: str) -> Problem:
    """Return what is wrong with a parameter or a field; an unknown name is not repeated."""
    if kind == "extra_forbidden":
        return Problem(".".join(map(str, where[:-1])), "holds an unknown name")
    return Problem(".".join(map(str, where)), what)


class _Unforeseen:
    """Middleware that answers unforeseen errors.

    A handler of the framework would raise the error again, and the server would log its text, which can hold a value.
    Here only the kind of the error is logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; an answer that is under way when the error comes is broken off."""
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
        except Exception as error:  # noqa: BLE001 - whatever it is, its text must not get out
            _log.error("unforeseen %s %s", type(error).__name__, _route(scope))
            if not has_begun:
                await answer(_FAULT)(scope, receive, send)


_FAULT: Final = PledgerError(
    "The request was not answered.",
    "an unforeseen error occurred; it is not known whether anything was stored.",
    "Send it again: nothing is stored twice. The server's log names the kind of error.",
)


def _route(scope: Scope) -> str:
    """Return the method and the route of a request; its path can name a customer."""
    return f"{scope['method']} {getattr(scope.get('route'), 'path', 'unknown')}"
