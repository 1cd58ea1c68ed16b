"""Making an access report: from the customer whom somebody names to what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.ledger import reading
from domain.events.customer import CustomersLinked
from projections.access_report import AccessReport, access_report
from projections.at_least import check_written

if TYPE_CHECKING:
    import psycopg

    from adapters.bootstrap import Installation
    from projections.as_of import PositionOrTime


def make_report(
    installation: Installation, connection: psycopg.Connection[Any], customer: str, as_of: PositionOrTime = None
) -> AccessReport:
    """Fold a customer's own events into their access report.

    Raises `UnknownCustomer`, and `NotYetWritten` as of a position beyond the log.
    """
    check_written(connection, as_of)
    streams = reading.find(connection, installation.keyring, customer)
    events = reading.opened_events(connection, installation.keyring, streams)
    linked = [event.person for event in events if isinstance(event, CustomersLinked)]
    person = linked[-1] if linked else streams[0]
    return access_report(events, person=person, policy=installation.policy, asked_by=(customer,), as_of=as_of)
