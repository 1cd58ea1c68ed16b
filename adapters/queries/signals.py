"""Which signal of Global Privacy Control is on a visitor's record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from domain.records.visitor import ON

if TYPE_CHECKING:
    from adapters.bootstrap import Installation
    from domain.facts.fields import Subject


class SignalOnRecord(NamedTuple):
    """The last signal of a visitor, None if there is none, and a name for the next one."""

    last: bool | None
    next_name: str


def signal_on_record(ledger: Installation, visitor: Subject) -> SignalOnRecord:
    """Return the last signal on record of a visitor, over a new connection."""
    digest = ledger.keyring.name(visitor)
    with translated(), ledger.connect() as connection:
        ((count, last),) = connection.execute(query("gpc_signals"), {"digest": digest}).fetchall()
    # Named by what is on record, so that processes that see the same change send the same fact.
    return SignalOnRecord(None if last is None else last.lower() in ON, f"{count + 1}-{digest.hex()[:32]}")
