"""The watch over opt-outs: reports a burst of them from one source or actor when it is first seen.

It asks the log every minute, so it sees what any process took. What it has reported it forgets with its process, so
after a restart each burst that is still shown is reported once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from adapters.ledger import utc_now
from adapters.postgres.connection import translated
from adapters.queries.opt_outs import opt_out_bursts
from adapters.transient import is_transient
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from threading import Event

    from adapters.bootstrap import OpenedLedger
    from adapters.queries.opt_outs import OptOutBurst

LOOK_SECONDS: Final = 60.0


def watch_opt_outs(
    ledger: OpenedLedger,
    stop: Event,
    report: Callable[[OptOutBurst], None],
    *,
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Report each burst once, until `stop` is set. Raise every `PledgerError` that is not transient."""
    seen: dict[tuple[str, str], datetime] = {}
    while not stop.is_set():
        for burst in _found(ledger):
            # What is older than a week drops out of a long burst, which is the same one all the same.
            teller = burst.told_by, burst.name
            if teller not in seen or burst.since > seen[teller]:
                report(burst)
            seen[teller] = burst.until
        stop.wait(look_seconds)


def _found(ledger: OpenedLedger) -> list[OptOutBurst]:
    try:
        with translated(), ledger.connect() as connection:
            return opt_out_bursts(ledger.settings, connection, utc_now())
    except PledgerError as error:
        if not is_transient(error):
            raise
        return []
