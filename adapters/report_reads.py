"""Giving somebody an access report, which holds personal values: that it is read is recorded on the person's stream."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from adapters.contract import parse_fact
from adapters.ledger import stream_reader
from adapters.own_facts import own_fact
from adapters.queries.customers import customer_report, customer_streams
from adapters.queries.read_point import wait_until_known
from domain.errors import UnknownCustomer
from projections import checkpoints
from projections.at_least import check_written

if TYPE_CHECKING:
    from uuid import UUID

    import psycopg

    from adapters.bootstrap import Installation
    from projections.access_report import AccessReport
    from projections.as_of import PositionOrTime

SOURCE: Final = "/pledger/reads"
"""The source of the facts that record that somebody was given a report."""


class Reader(NamedTuple):
    """Who reads a report, and for what purpose."""

    name: str
    purpose: str


class GivenReport(NamedTuple):
    """An access report, and the position up to which it knows the log."""

    report: AccessReport
    position: int


def give_report(  # noqa: PLR0913 - what is read, as of when, by whom
    installation: Installation,
    connection: psycopg.Connection[Any],
    customer: str,
    reader: Reader,
    *,
    as_of: PositionOrTime = None,
    at_least: int = 0,
) -> GivenReport:
    """Record that a customer's report is read, and return it. Raises `UnknownCustomer` and `NotYetWritten`."""
    check_written(connection, as_of)
    wait_until_known(connection, (), at_least)
    ledger = installation.ledger
    data = {"reader": reader.name, "purpose": reader.purpose}
    for stream in customer_streams(installation, connection, customer)["streams"]:
        # A stream that was erased takes no more facts, and has nothing sealed to show.
        with suppress(UnknownCustomer):
            fact = own_fact("record_read", SOURCE, str(uuid4()), ledger.now(), data, f"id:{stream}")
            ledger.append(parse_fact(fact), actor=reader.name)
            break
    position = checkpoints.size(connection)
    return GivenReport(customer_report(installation, connection, customer, as_of), position)


def other_streams(installation: Installation, name: str) -> tuple[UUID, ...]:
    """Return the streams of others on which addresses of a person stand, and about which nothing is settled.

    This is an officer's to know. There are none for the id of an erased person, of whom no address is known any more.
    """
    with suppress(UnknownCustomer):
        return installation.ledger.elsewhere(stream_reader.parse_customer(installation.contract, name))
    return ()
