"""Bursts of opt-outs: a source that told more of them under addresses than a company expects.

Opting out is never refused, and binds an address on whosever's record it stands. So who may tell opt-outs can silence a
list of strangers. The log itself says where that happened: whichever process took the facts, and after a restart too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.postgres.connection import translated
from adapters.postgres.queries import query

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.settings import Settings
    from projections.projection import Connection

SHOWN_DAYS: Final = 7
"""For how long a burst is shown after it was told: over a weekend, and some days more."""


class OptOutBurst(NamedTuple):
    """A burst: how many opt-outs a source told, and between which times it told them, by the database's clock."""

    source: str
    opt_outs: int
    since: datetime
    until: datetime


def opt_out_bursts(settings: Settings, connection: Connection, now: datetime) -> list[OptOutBurst]:
    """Return the bursts of the last days that are not annulled, in order of time; nothing in it is about a person."""
    within = timedelta(hours=settings.opt_out_burst_hours)
    bounds = {"after": now - timedelta(days=SHOWN_DAYS), "within": within, "limit": settings.opt_out_burst}
    with translated():
        return [OptOutBurst(*row) for row in connection.execute(query("opt_out_bursts"), bounds).fetchall()]
