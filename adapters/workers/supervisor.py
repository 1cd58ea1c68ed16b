"""The supervisor: runs a projection of your own, and takes it up again after whatever was not its fault.

Promise: sessions that the server ends, a server that restarts, and a wake-up that is lost neither stop a projection nor
let its view miss an event or count one twice. A restart begins where the view says that it is.
Refused: going on past an event that the projection itself fails on; the error names the event.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from adapters.postgres.outages import Interrupted, Pauses, interrupted, passes
from adapters.workers.own_projections import ProjectionStopped, runner
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from eventsourcing.projection import Projection

    from adapters.bootstrap import Installation
    from adapters.postgres.event_store import View

_GLANCE_SECONDS: Final = 0.1
_STEADY_SECONDS: Final = 1.0
"""From how long a run on the next pause is a short one again."""


def run(
    installation: Installation,
    projection_class: type[Projection[View]],
    view_class: type[View],
    stop: Event,
    told: Callable[[Interrupted], None] | None = None,
) -> None:
    """Run a projection until `stop` is set; `told` hears of each interruption, from this thread.

    Raises `ProjectionStopped`, or the `PledgerError` of a ledger that cannot be opened any more.
    """
    pauses = Pauses(stop.wait)
    while not stop.is_set():
        began = time.monotonic()
        try:
            # A pool waits long for a server that is away; a plain connection tells at once.
            installation.connect().close()
            with runner(installation, projection_class, view_class) as it:
                # Leaving the block raises what interrupted it; `run_forever` would raise it without its cause.
                while not (stop.is_set() or it.is_interrupted.wait(_GLANCE_SECONDS)):
                    pass
        except Exception as error:
            if not passes(error):
                if isinstance(error, PledgerError):
                    raise
                raise ProjectionStopped(
                    f"The projection {projection_class.name} cannot run.",
                    f"making its view, or stopping it, raised {type(error).__name__}.",
                    "Mend the projection or its view, and run it again.",
                ) from error
            if told:
                told(interrupted(error))
            if time.monotonic() - began > _STEADY_SECONDS:
                pauses.reset()
            pauses.pause()
