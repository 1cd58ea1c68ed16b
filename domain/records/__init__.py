"""What decisions rest on: a record of each customer, of each browser and of the company, as folds of their events.

Only `evolve` changes a record. An event of another kind of stream raises `TypeError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.records import company, customer, visitor
from domain.records.company import Company
from domain.records.customer import Customer
from domain.records.visitor import Visitor

if TYPE_CHECKING:
    from domain.events import Event

Record = Company | Customer | Visitor


def evolve(record: Record, event: Event) -> None:
    """Fold one event into the record of the stream that it is on."""
    match record:
        case Customer():
            customer.evolve(record, event)
        case Company():
            company.evolve(record, event)
        case Visitor():
            visitor.evolve(record, event)


__all__ = ["Company", "Customer", "Record", "Visitor", "evolve"]
