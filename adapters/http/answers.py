"""How what was read is answered.

Promise: nothing that is told of anybody is kept by a cache on the way; `Pledger-Position` is the position up to which
the answer knows the log, to be asked with as `at_least`. Whoever makes an answer is in a thread of a reader, so that a
long one holds up nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.responses import JSONResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

POSITION: Final = "Pledger-Position"
_NO_STORE: Final = {"Cache-Control": "no-store"}


def told(document: Mapping[str, Any], position: int | None = None, status: int = 200) -> JSONResponse:
    """Answer with a document."""
    return JSONResponse(document, status, headers_of(position))


def page(text: str | bytes, media_type: str, position: int | None = None) -> Response:
    """Answer with a text of another kind."""
    return Response(text, 200, headers_of(position), media_type=media_type)


def headers_of(position: int | None) -> dict[str, str]:
    """Give the header fields of an answer."""
    return _NO_STORE if position is None else {**_NO_STORE, POSITION: str(position)}
