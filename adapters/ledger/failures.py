"""The error for a request that could not be appended, for a reason that planning did not foresee."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import PledgerError

if TYPE_CHECKING:
    from adapters.ledger.receipt import AppendRequest


class AppendFailed(PledgerError):
    """Appending failed in a way that was not foreseen."""

    code = "append_failed"


def unforeseen(request: AppendRequest, cause: Exception | None) -> AppendFailed:
    """Return the error for a request whose appending broke, with the cause."""
    error = AppendFailed(
        f"The fact {request.fact.name} was not stored, as far as is known.",
        "appending failed in a way that is a defect of Pledger.",
        "Send it again under the same id: it is never stored twice. Report the trace in the log.",
    )
    error.__cause__ = cause
    return error
