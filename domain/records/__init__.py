"""What decisions rest on: a record of each customer, of each browser and of the company, as folds of their events.

Only `evolve` changes a record. An event of another kind of stream raises `TypeError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from domain.records import company, customer_fold, visitor
from domain.records.company import Company
from domain.records.customer import Customer
from domain.records.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from domain.events import Event

Record = Company | Customer | Visitor


def evolve(record: Record, event: Event, joined: Sequence[Customer] = ()) -> None:
    """Fold one event into the record of the stream that it is on; a link into it all that `joined` hold."""
    if joined:
        assert isinstance(record, Customer), "only people are linked"
        customer_fold.evolve(record, event, joined=joined)
    else:
        _EVOLVE[type(record)](record, event)


_EVOLVE: Final[Mapping[type[Record], Callable[[Any, Event], object]]] = {
    Customer: customer_fold.evolve,
    Company: company.evolve,
    Visitor: visitor.evolve,
}

__all__ = ["Company", "Customer", "Record", "Visitor", "evolve"]
