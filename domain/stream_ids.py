"""Ids of customers' streams, as the names of kind `id` give them."""

from __future__ import annotations

from uuid import UUID

from domain.errors import UnknownCustomer


def parse_stream_id(text: str) -> UUID:
    """Return the stream that an `id:` names. Raises `UnknownCustomer` for what is not a UUID."""
    try:
        return UUID(text)
    except ValueError:
        raise unknown_customer("it is not a UUID.") from None


def unknown_customer(why: str) -> UnknownCustomer:
    """Return the error of an id that is not a living customer's stream."""
    return UnknownCustomer("There is no customer of this id.", why, "Name the customer as the service knows them.")
