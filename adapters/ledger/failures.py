"""The error for a request that could not be appended, for a reason that planning did not foresee."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.ledger.receipt import AppendRequest


class AppendFailed(PledgerError):
    """Appending failed unexpectedly."""

    code = "append_failed"


def unforeseen(cause: Exception | None) -> AppendFailed:
    """Return the error for a request whose appending broke, with the cause."""
    error = AppendFailed(
        "The fact may not have been stored.",
        "Pledger failed unexpectedly.",
        "Send it again under the same id: it is never stored twice. Report the trace in the log.",
    )
    error.__cause__ = cause
    return error


def fail(requests: Iterable[AppendRequest], error: PledgerError) -> list[AppendRequest]:
    """Answer requests with an error; none of them is left."""
    for request in requests:
        request.answer = error
    return []
