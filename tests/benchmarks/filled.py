"""Ledgers that are filled once and then measured again and again: a shop's orders, appended from two processes.

Promise: what is in one depends on its size alone. It is vacuumed and analyzed afterwards, as a server left alone would
do by itself, so that no measurement pays for that.
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from tests.benchmarks import copy_side, ledger_side
from tests.benchmarks.ledger_side import LedgerSide
from tests.benchmarks.shop_day import Order, orders
from tests.benchmarks.side import Job
from tests.benchmarks.team import Team

if TYPE_CHECKING:
    from tests.benchmarks.in_turn import Progress
    from tests.benchmarks.side import Place

EVENTS_AN_ORDER: Final = 13 / 3
"""Four facts, of which every third order's first makes two events."""
ORDERS_A_CUSTOMER: Final = 3
_PROCESSES: Final = 2
_ORDERS_A_JOB: Final = 5_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A ledger as it was when it was filled: how long that took in seconds, and what the orders were made from."""

    place: Place
    events: int
    customers: int
    seconds: float
    jobs: tuple[Job, ...]

    def sample(self, count: int, seed: int) -> list[Order]:
        """Give orders that are on record, chosen by chance; the same ones for the same seed."""
        chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
        drawn = Counter((chance.choice(self.jobs), chance.randrange(_PROCESSES)) for _ in range(count))
        found: list[Order] = []
        for (job, member), wanted in drawn.items():
            found += chance.choices(list(orders(f"{job.label}-{member}-0", job.orders)), k=wanted)
        return found

    def __str__(self) -> str:
        return (
            f"the ledger of {self.events:,} events has {self.customers:,} customers, and took {self.seconds:,.0f} s to "
            f"fill from {_PROCESSES} processes"
        )


def fill(place: Place, ledger: str, events: int, say: Progress) -> Filled:
    """Create a ledger and append to it until it has at least so many events."""
    there = replace(place, ledger=ledger)
    ledger_side.create_ledger(there)
    each = math.ceil(events / EVENTS_AN_ORDER / _PROCESSES)
    sizes = [_ORDERS_A_JOB] * (each // _ORDERS_A_JOB) + [each % _ORDERS_A_JOB] * (each % _ORDERS_A_JOB > 0)
    jobs = tuple(Job(f"f{number}", size, batched=True) for number, size in enumerate(sizes))
    start = time.perf_counter()
    with Team(LedgerSide, there, _PROCESSES) as team:
        for number, job in enumerate(jobs, 1):
            rate = team.rate(job)
            say(f"filling {ledger}: part {number} of {len(jobs)}, {rate:,.0f} events/s")
    seconds = time.perf_counter() - start
    with psycopg.connect(there.url, autocommit=True) as connection:
        for row in connection.execute("SELECT relname FROM pg_stat_user_tables WHERE schemaname = %s", (ledger,)):
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(ledger, row[0])))
    customers = _PROCESSES * sum(-(-job.orders // ORDERS_A_CUSTOMER) for job in jobs)
    filled = Filled(there, copy_side.head(there), customers, seconds, jobs)
    say(str(filled))
    return filled
