"""Answers with what was read.

No cache on the way may keep an answer. `Pledger-Position` is the position up to which the answer knows the log; a later
question can pass it on as `at_least`. A long answer is made in a reader's thread, so that it delays no other request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi.responses import JSONResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

POSITION: Final = "Pledger-Position"
ELSEWHERE: Final = "Pledger-Elsewhere"
"""Beside a report, for an officer: the other records on which addresses of the person stand."""
_NO_STORE: Final = {"Cache-Control": "no-store"}


def json_answer(document: Mapping[str, object], position: int | None = None, status: int = 200) -> JSONResponse:
    """Return the answer with a document."""
    return JSONResponse(document, status, _headers(position))


def text_answer(text: str | bytes, media_type: str, position: int | None = None) -> Response:
    """Return the answer with a text of another type."""
    return Response(text, 200, _headers(position), media_type=media_type)


def _headers(position: int | None) -> dict[str, str]:
    return _NO_STORE if position is None else {**_NO_STORE, POSITION: str(position)}
