"""What an order is answered with when it cannot be appended, for reasons that no plan could foresee."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.errors import PledgerError, TimeInFuture

if TYPE_CHECKING:
    from adapters.ledger.receipt import Order


class AppendFailed(PledgerError):
    """Appending failed in a way that was not foreseen."""

    code = "append_failed"


def unforeseen(order: Order, cause: Exception | None) -> AppendFailed:
    """Tell the sender of a fact that appending it broke, and over what."""
    error = AppendFailed(
        f"The fact {order.fact.name} was not stored, as far as is known.",
        "appending failed in a way that is a defect of Pledger.",
        "Send it again under the same id: it is never stored twice. Report the trace in the log.",
    )
    error.__cause__ = cause
    return error


def in_future(order: Order) -> TimeInFuture:
    """Tell the sender of a fact that it cannot have happened yet."""
    return TimeInFuture(
        f"The fact {order.fact.name} was not stored.",
        "its time lies in the future, beyond the tolerance for clocks that differ.",
        "Send a fact when it has happened, and check the sender's clock and time zone.",
    )
