"""The library's own classes over a ledger: Application, Repository, Mapper and notification log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.events.customer import CustomerEnrolled, DataCollected
from domain.facts import parse_fact
from domain.records.customer import Customer, evolve
from domain.vocabulary import Program
from tests.controls import contest_entry, order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.bootstrap import Installation
    from domain.events import Event


def project(customer: Customer | None, events: Iterable[Event]) -> Customer | None:
    """Fold events as the library's Repository has it done."""
    for event in events:
        customer = evolve(customer or Customer(person=event.originator_id), event)
    return customer


def test_the_repository_folds_a_stream_with_evolve(installation: Installation) -> None:
    """The library's Repository gives the same person as deciding does, from the events in the log."""
    installation.ledger.append_many([contest_entry(1), order(2)])
    (stream,) = {
        event.originator_id
        for event in map(installation.application.mapper.to_domain_event, _stored(installation))
        if isinstance(event, DataCollected)
    }
    repository: Any = installation.application.repository
    customer = repository.get(stream, projector_func=project)
    assert isinstance(customer, Customer)
    assert customer.streams == {stream: 3}
    (change,) = customer.programs[Program.EMAIL_MARKETING]
    assert change.state == "enrolled"


def test_the_application_saves_what_a_ledger_can_read(installation: Installation) -> None:
    """What goes in through the library's `save` is sealed, gets the next positions, and comes back opened."""
    installation.ledger.append(parse_fact(contest_entry(1).model_dump(mode="json") | {"subject": "customer:1"}))
    enrolled = next(
        event
        for event in map(installation.application.mapper.to_domain_event, _stored(installation))
        if isinstance(event, CustomerEnrolled)
    )
    again = enrolled.model_copy(update={"originator_version": 3, "reference": "C-9", "findings": ()})
    recordings = installation.application.events.put([again])
    assert [recording.notification.id for recording in recordings] == [4]
    *_, last = installation.application.events.get(enrolled.originator_id)
    assert isinstance(last, CustomerEnrolled)
    assert (last.reference, last.position) == ("C-9", 4)


def _stored(installation: Installation) -> Any:  # noqa: ANN401 - the library's sequence of notifications
    return installation.application.notification_log.select(start=1, limit=10)
