"""The library's own classes over a ledger: Application, Repository, Mapper and notification log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.postgres.event_store import NotDecided
from domain.events.customer import CustomerEnrolled, DataCollected
from domain.records.customer import Customer
from domain.records.customer_fold import evolve
from domain.vocabulary import Program
from tests.controls import contest_entry, order
from tests.reading import application

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.bootstrap import Installation
    from adapters.ledger.library_application import LedgerApplication
    from domain.events import Event


def project(customer: Customer | None, events: Iterable[Event]) -> Customer | None:
    """Fold events as the library's Repository has it done."""
    for event in events:
        customer = evolve(customer or Customer(person=event.originator_id), event)
    return customer


def test_the_repository_folds_a_stream_with_evolve(installation: Installation) -> None:
    """The library's Repository returns the same person as deciding does, from the events in the log."""
    installation.ledger.append_many([contest_entry(1), order(2)])
    with application(installation) as it:
        (stream,) = {event.originator_id for event in stored_in(it) if isinstance(event, DataCollected)}
        repository: Any = it.repository
        customer = repository.get(stream, projector_func=project)
    assert isinstance(customer, Customer)
    assert customer.streams == {stream: 3}
    (change,) = customer.programs[Program.EMAIL_MARKETING]
    assert change.state == "enrolled"


def test_the_library_stores_nothing(installation: Installation) -> None:
    """An event that comes through the library's interface was not decided, and is refused; the log stays as it is."""
    installation.ledger.append(contest_entry(1))
    with application(installation) as it:
        enrolled = next(event for event in stored_in(it) if isinstance(event, CustomerEnrolled))
        again = enrolled.model_copy(update={"originator_version": 3, "findings": ()})
        with pytest.raises(NotDecided, match="were not decided"):
            it.events.put([again])
        assert len(list(stored_in(it))) == 3


def stored_in(application: LedgerApplication) -> Iterable[Event]:
    """Return the events in the log, opened."""
    stored: Any = application.notification_log.select(start=1, limit=10)
    return map(application.mapper.to_domain_event, stored)  # type: ignore[arg-type]
