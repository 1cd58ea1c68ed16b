"""Your own projections, on the eventsourcing library's Projection and ProjectionRunner.

The library's classes are used as they are, over a ledger's feed. A view's tables are in the ledger's schema and written
as its writer. The changes of an event and its tracking are one transaction, so each event counts once. Sealed fields
are open while their key exists, and None after the person was erased. An event on which a projection fails is named by
position, topic and fact; the text of the projection's own error may hold values, so it stays in the cause. Nobody
purges a view: what it keeps about a person it has to delete at that person's CustomerErased.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from eventsourcing.persistence import InfrastructureFactory, IntegrityError, Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import Environment

from adapters.ledger.library_application import LedgerApplication
from adapters.postgres.event_store import View, environment
from adapters.postgres.mapper import SealingMapper
from adapters.postgres.rows import RowNotification
from adapters.transient import is_transient
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
"""How long a view waits for a connection; the library asks ten times before it gives up."""


class ProjectionStopped(PledgerError):
    """One of your own projections fails, on one event or altogether."""

    code = "projection_stopped"


@contextmanager
def runner(
    installation: Installation, projection_class: type[Projection[View]], view_class: type[View]
) -> Iterator[ProjectionRunner[LedgerApplication, View]]:
    """Run a projection from where its view has read to, in its own threads, for the length of the block.

    A lost connection stops it; `adapters.workers.run` restarts it then. Raise what stopped it.
    """
    projection_runner = ProjectionRunner(
        application_class=_application(installation, projection_class.name),
        projection_class=_guarded(projection_class),
        view_class=view_class,
        env=_environment(installation),
    )
    try:
        with projection_runner:
            yield projection_runner
    finally:
        projection_runner.view.datastore.close()


@contextmanager
def view(
    installation: Installation, projection_class: type[Projection[View]], view_class: type[View]
) -> Iterator[View]:
    """Open the view of a projection that another program runs, to query it."""
    env = Environment(projection_class.name, _environment(installation))
    with InfrastructureFactory[View].construct(env) as factory:
        yield factory.tracking_recorder(view_class)


def _environment(installation: Installation) -> dict[str, str]:
    return {**environment(installation.database), "POSTGRES_CONNECT_TIMEOUT": str(_POOL_SECONDS)}


def _application(installation: Installation, projection: str) -> type[LedgerApplication]:
    """Return the class of which the library makes its application: the ledger's, bound to one installation."""

    class Bound(LedgerApplication):
        name = APPLICATION

        def __init__(self, env: EnvType | None = None) -> None:  # noqa: ARG002 - the library hands it to the view too
            super().__init__(installation.database, installation.keyring)

        def construct_mapper(self) -> Mapper[UUID]:
            return _ReportingMapper(projection, self.construct_transcoder(), self._key_of, self._keyring.source_code)

    return Bound


class _ReportingMapper(SealingMapper):
    """Names the event that cannot be opened."""

    def __init__(self, projection: str, *parts: Any) -> None:  # noqa: ANN401 - those of the mapper
        super().__init__(*parts)
        self._projection = projection

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        try:
            return super().to_domain_event(stored_event)
        except Exception as error:
            if is_transient(error) or not isinstance(stored_event, RowNotification):
                raise
            row = stored_event.row
            raise _stopped(self._projection, _place(row.position, row.topic), error) from error


def _guarded(projection_class: type[Projection[View]]) -> type[Projection[View]]:
    """Return the projection with errors that name the event; it skips an event that it has counted already."""

    class Guarded(projection_class):  # type: ignore[misc, valid-type]  # The class is only known at run time.
        name = projection_class.name

        def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401 - as the library has it
            try:
                super().process_event(domain_event, tracking)
            except Exception as error:
                if is_transient(error):
                    raise
                is_about_tracking = isinstance(error, IntegrityError)
                if is_about_tracking and self.view.has_tracking_id(tracking.application_name, tracking.notification_id):
                    return  # It was counted by a commit whose answer was lost, or by a second runner.
                event = cast("Event", domain_event)
                place = _place(tracking.notification_id, event.topic)
                raise _stopped(self.name, place, error) from error

    return Guarded


def _place(position: int, topic: str) -> str:
    return f"position {position}: {topic}"


def _stopped(projection: str, event: str, error: BaseException) -> ProjectionStopped:
    """Return the error that names the event, without the text of the cause, which may hold personal values."""
    return ProjectionStopped(
        f"The projection {projection} stopped before {event}.",
        error.what if isinstance(error, PledgerError) else f"it raised {type(error).__name__} on this event.",
        "Its view stays readable as it is. Correct the projection and run it again: it continues with this event.",
    )
