"""One process that runs `SeeEvents` supervised until it is killed. It says `seen` when the view has a few more events.

Arguments: the database's address and the home folder.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from adapters import workers
from adapters.bootstrap import opened
from adapters.settings import load_settings
from tests.workers.seen_events import SeeEvents, SeenEvents

if TYPE_CHECKING:
    from domain.events import Event as DomainEvent

_FEW = 20


def main(url: str, home: str) -> None:
    """Run it."""
    numbers = count(1)

    def tell(_view: SeenEvents, _event: DomainEvent) -> None:
        if next(numbers) == _FEW:
            sys.stdout.write("seen\n")
            sys.stdout.flush()

    SeeEvents.after = staticmethod(tell)
    with opened(load_settings(home=Path(home), database_url=url)) as it:
        workers.run(it, SeeEvents, SeenEvents, Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
