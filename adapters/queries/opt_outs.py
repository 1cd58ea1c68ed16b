"""Bursts of opt-outs: a source, or the holder of a key, that told more of them under addresses than a company expects.

Opting out is never refused, and binds an address on whosever's record it stands. So who may tell opt-outs can silence a
list of strangers. An opt-out under a number that reaches other people's records by an address counts as well, and so
does an address that is given beside such an opt-out later. The log itself says where that happened: whichever process
took the facts, and after a restart too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from adapters.postgres.connection import translated
from adapters.postgres.queries import query

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.settings import Settings
    from projections.projection import Connection

SHOWN_DAYS: Final = 7
"""For how long a burst is shown after it was told: over a weekend, and some days more."""


class OptOutBurst(NamedTuple):
    """A burst: how many opt-outs somebody told, and between which times they told them, by the database's clock."""

    told_by: Literal["source", "actor"]
    """An actor is named where one of them told a burst from several sources."""
    name: str
    opt_outs: int
    since: datetime
    until: datetime


def opt_out_bursts(settings: Settings, connection: Connection, now: datetime) -> list[OptOutBurst]:
    """Return the bursts of the last days that are not annulled, in order of time; nothing in it is about a person."""
    within = timedelta(hours=settings.opt_out_burst_hours)
    bounds = {"after": now - timedelta(days=SHOWN_DAYS), "within": within, "limit": settings.opt_out_burst}
    with translated():
        return [OptOutBurst(*row) for row in connection.execute(query("opt_out_bursts"), bounds).fetchall()]
