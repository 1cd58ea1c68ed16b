"""The streams that an id leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events import CUSTOMER, event_class
from domain.stream_ids import parse_stream_id, unknown_customer

if TYPE_CHECKING:
    from uuid import UUID

    from adapters.ledger.records import Records


def stream_by_id(records: Records, text: str) -> UUID:
    """Return the living customer's stream of an id, and load its person. Raises `UnknownCustomer`."""
    stream = parse_stream_id(text)
    # Other kinds of streams have ids too, and their events are not a customer's.
    topics = records.fetch("first_topic", stream=stream)
    is_customer = event_class(topics[0][0]).stream_kind == CUSTOMER if topics else stream in records.people
    if not is_customer:
        raise unknown_customer("no customer's stream has it.")
    records.load([stream])
    if records.people[stream].customer.erased:
        raise unknown_customer("that customer has been erased.")
    return stream


def erasure_by_id(records: Records, text: str) -> int | None:
    """Return where the person of a stream was erased; None: they live, or it is nobody's."""
    stream = parse_stream_id(text)
    if not records.fetch("first_topic", stream=stream):
        return None
    records.load([stream])
    customer = records.people[stream].customer
    return customer.erased_by if customer.erased else None
