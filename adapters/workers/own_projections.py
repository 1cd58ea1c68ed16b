"""Projections of your own, on the eventsourcing library's Projection and ProjectionRunner.

Promise: the library's classes are used as they are, over a ledger's feed. A view's tables are in the ledger's schema
and written as its writer, an event's changes in one transaction with its tracking; so each event counts once. Sealed
fields are opened where the key is still there, and None where the person has been erased. An event that a projection
fails on is named by position, topic and fact; what the projection raised is kept as the cause, and its text, which may
hold values, is not told.
Refused: purging a view. What it keeps about a person is for it to delete at that person's CustomerErased.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from eventsourcing.persistence import InfrastructureFactory, IntegrityError, Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import Environment

from adapters.ledger.application import LedgerApplication
from adapters.postgres.event_store import View, environment
from adapters.postgres.mapper import SealingMapper
from adapters.postgres.outages import passes
from adapters.postgres.rows import RowNotification
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from eventsourcing.domain import DomainEventProtocol
    from eventsourcing.persistence import Mapper, StoredEvent
    from eventsourcing.utils import EnvType

    from adapters.bootstrap import Installation
    from domain.events import Event

APPLICATION: Final = "ledger"
"""The name under which a view tracks how far it has read the ledger."""
_POOL_SECONDS: Final = 3
"""How long a view waits for a connection; the library asks ten times over before it gives up."""


class ProjectionStopped(PledgerError):
    """A projection of one's own fails, on one event or altogether."""

    code = "projection_stopped"


@contextmanager
def runner(
    installation: Installation, projection_class: type[Projection[View]], view_class: type[View]
) -> Iterator[ProjectionRunner[LedgerApplication, View]]:
    """Run a projection from where its view has read to, in threads of its own, for as long as the block lasts.

    Nobody takes it up again if the connection is lost: that is `adapters.workers.run`'s. Raises what stopped it.
    """
    it = ProjectionRunner(
        application_class=_application(installation, projection_class.name),
        projection_class=_told(projection_class),
        view_class=view_class,
        env=_environment(installation),
    )
    try:
        with it:
            yield it
    finally:
        it.view.datastore.close()


@contextmanager
def view(
    installation: Installation, projection_class: type[Projection[View]], view_class: type[View]
) -> Iterator[View]:
    """Give the view of a projection that somebody else runs, to ask it."""
    env = Environment(projection_class.name, _environment(installation))
    with InfrastructureFactory[View].construct(env) as factory:
        yield factory.tracking_recorder(view_class)


def _environment(installation: Installation) -> dict[str, str]:
    return {**environment(installation.database), "POSTGRES_CONNECT_TIMEOUT": str(_POOL_SECONDS)}


def _application(installation: Installation, projection: str) -> type[LedgerApplication]:
    """Give the class that the library makes its application of: the ledger's, bound to one installation."""

    class Bound(LedgerApplication):
        name = APPLICATION

        def __init__(self, env: EnvType | None = None) -> None:  # noqa: ARG002 - the library hands it to the view too
            super().__init__(installation.database, installation.keyring)

        def construct_mapper(self) -> Mapper[UUID]:
            return _ToldMapper(projection, self.construct_transcoder(), self._key_of)

    return Bound


class _ToldMapper(SealingMapper):
    """Names the event that does not open."""

    def __init__(self, projection: str, *parts: Any) -> None:  # noqa: ANN401 - those of the mapper
        super().__init__(*parts)
        self._projection = projection

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        try:
            return super().to_domain_event(stored_event)
        except Exception as error:
            if passes(error) or not isinstance(stored_event, RowNotification):
                raise
            row = stored_event.row
            raise _stopped(self._projection, _place(row.position, row.topic, row.source, row.fact_id), error) from error


def _told(projection_class: type[Projection[View]]) -> type[Projection[View]]:
    """Give the projection with its errors told, and with an event passed over that has been counted already."""

    class Told(projection_class):  # type: ignore[misc, valid-type]  # The class is known when the program runs only.
        name = projection_class.name

        def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401 - as the library has it
            try:
                super().process_event(domain_event, tracking)
            except Exception as error:
                if passes(error):
                    raise
                is_about_tracking = isinstance(error, IntegrityError)
                if is_about_tracking and self.view.has_tracking_id(tracking.application_name, tracking.notification_id):
                    return  # The view has it: by a commit whose answer was lost, or by a second runner.
                event = cast("Event", domain_event)
                place = _place(tracking.notification_id, event.topic, event.source, event.fact_id)
                raise _stopped(self.name, place, error) from error

    return Told


def _place(position: int, topic: str, source: str, fact_id: str) -> str:
    return f"position {position}: {topic}, fact {source} {fact_id}"


def _stopped(projection: str, event: str, error: BaseException) -> ProjectionStopped:
    """Say which event stopped a projection, without the text of an error that may hold personal values."""
    return ProjectionStopped(
        f"The projection {projection} stopped before {event}.",
        error.what if isinstance(error, PledgerError) else f"it raised {type(error).__name__} on this event.",
        "What its view has so far stays readable. Mend the projection and run it again: it goes on with this event.",
    )
