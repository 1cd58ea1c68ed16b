"""The supervisor: runs one of your own projections, and restarts it after every transient error.

A session that the server ends, a restart of the server, and a lost wake-up neither stop a projection nor let its view
miss an event or count one twice. A restart begins where the view says that it is. An event on which the projection
itself fails is not skipped: the error names it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from adapters.transient import Backoff, interruption, is_transient
from adapters.workers.own_projections import ProjectionStopped, runner
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from eventsourcing.projection import Projection

    from adapters.bootstrap import Installation
    from adapters.postgres.event_store import View
    from adapters.transient import Interrupted

_GLANCE_SECONDS: Final = 0.1
_STEADY_SECONDS: Final = 1.0
"""After a run of at least this long the next pause is a short one again."""


def run(
    installation: Installation,
    projection_class: type[Projection[View]],
    view_class: type[View],
    stop: Event,
    report: Callable[[Interrupted], None] | None = None,
) -> None:
    """Run a projection until `stop` is set; `report` is called from this thread for each interruption.

    Raise `ProjectionStopped`, or the `PledgerError` of a ledger that cannot be opened any more.
    """
    backoff = Backoff(stop.wait)
    while not stop.is_set():
        began = time.monotonic()
        try:
            # A pool waits long for a server that is away; a plain connection fails at once.
            installation.connect().close()
            with runner(installation, projection_class, view_class) as projection_runner:
                # Leaving the block raises what interrupted the runner; `run_forever` would raise it without its cause.
                while not (stop.is_set() or projection_runner.is_interrupted.wait(_GLANCE_SECONDS)):
                    pass
        except Exception as error:
            if not is_transient(error):
                if isinstance(error, PledgerError):
                    raise
                raise ProjectionStopped(
                    f"The projection {projection_class.name} cannot run.",
                    f"making its view, or stopping it, raised {type(error).__name__}.",
                    "Correct the projection or its view, and run it again.",
                ) from error
            if report:
                report(interruption(error))
            if time.monotonic() - began > _STEADY_SECONDS:
                backoff.reset()
            backoff.pause()
