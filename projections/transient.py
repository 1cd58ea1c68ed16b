"""The one table of transient errors of PostgreSQL: those that may be gone when the same is tried again, by SQLSTATE.

A fault of the connection, the server or another transaction is transient. A fault of the data or of the code is not: it
would come again for ever. The driver and PostgreSQL's manual (appendix A) name the SQLSTATEs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Transient(NamedTuple):
    """What a transient error means: `is_lost`, the transaction is gone, and can be repeated as it was.

    `is_held_up`: other transactions stood in the way, or the time ran out while they did; the connection is still good.
    """

    cause: str
    is_lost: bool = False
    is_held_up: bool = False


TRANSIENT: Final[Mapping[str, Transient]] = {
    "08": Transient("the connection was lost", is_lost=True),
    "25006": Transient("the server is read-only"),
    "25P03": Transient("the session was idle in a transaction for too long", is_lost=True),
    "25P04": Transient("the transaction ran for too long", is_lost=True),
    "40": Transient("the transaction was rolled back for another", is_lost=True, is_held_up=True),
    "53": Transient("the server is out of resources"),
    "55006": Transient("the object is in use", is_held_up=True),
    "55P03": Transient("a lock is held", is_held_up=True),
    "57": Transient("the operator intervened"),
    "57014": Transient("the statement was cancelled, or ran for too long", is_held_up=True),
    "57P0": Transient("the server ended the session", is_lost=True),
    "58": Transient("the system failed"),
}
"""SQLSTATEs, classes of them and beginnings of them; the longest that fits counts."""
CREATED_MEANWHILE: Final = ("23505", "42701", "42710", "42P07")
"""What a statement meets that creates an object while another session creates the same one.

Both found it missing. The second one fails on the first one's name, type, column or table; when it looks again, the
object is there.
"""


def transient(sqlstate: str | None) -> Transient | None:
    """Return what the table says of a SQLSTATE; None for an error that would come again, or has no SQLSTATE."""
    if sqlstate is None:
        return None
    beginnings = (sqlstate[:length] for length in range(len(sqlstate), 1, -1))
    return next((TRANSIENT[one] for one in beginnings if one in TRANSIENT), None)
