"""Ledgers that are filled once and then measured again and again, appended to from two processes.

Promise: what is in one depends on its workload and size alone. It is vacuumed and analyzed afterwards, as a server left
alone would do by itself, so that no measurement pays for that.
"""

from __future__ import annotations

import json
import math
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import psycopg
from psycopg import sql

from tests.benchmarks import copy_side, ledger_side
from tests.benchmarks.ledger_side import LedgerSide
from tests.benchmarks.side import Job
from tests.benchmarks.team import Team

if TYPE_CHECKING:
    from tests.benchmarks.in_turn import Progress
    from tests.benchmarks.side import Place

_PROCESSES: Final = 2
_FACTS_A_JOB: Final = 20_000
_JOBS_OF_A_SAMPLE: Final = 10
_CUSTOMERS: Final = "SELECT count(DISTINCT stream_id) FROM {} WHERE topic = 'DataCollected.v1'"


class Known(NamedTuple):
    """A customer on record, and the reference of an order of theirs."""

    subject: str
    reference: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A ledger as it was when it was filled: how many events were asked for, and how long that took in seconds."""

    place: Place
    asked: int
    events: int
    customers: int
    seconds: float
    jobs: tuple[Job, ...]

    def sample(self, count: int, seed: int) -> list[Known]:
        """Return customers on record, chosen by chance; the same ones for the same seed."""
        chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
        parts = [(job, member) for job in self.jobs for member in range(_PROCESSES)]
        chosen = chance.sample(parts, min(len(parts), _JOBS_OF_A_SAMPLE))
        known = [one for job, member in chosen for one in self._known(job, member)]
        return chance.choices(known, k=count)

    def _known(self, job: Job, member: int) -> list[Known]:
        """Return who ordered in one part of the log and was not erased."""
        facts = list(map(json.loads, self.place.workload.facts(f"{job.label}-{member}-0", job.facts)))
        erased = {fact["subject"] for fact in facts if fact["type"] == "pledger.erasure.v1"}
        return [
            Known(fact["subject"], fact["data"]["reference"])
            for fact in facts
            if fact["data"].get("act") == "order" and fact["subject"] not in erased
        ]

    def __str__(self) -> str:
        return (
            f"the ledger of {self.events:,} events has {self.customers:,} customers, and took {self.seconds:,.0f} s to "
            f"fill from {_PROCESSES} processes"
        )


def fill(place: Place, name: str, events: int, say: Progress) -> Filled:
    """Create a ledger and append to it until it has at least so many events."""
    there = place.other(name)
    ledger_side.create_ledger(there)
    each = math.ceil(events / place.workload.events_a_fact / _PROCESSES)
    sizes = [_FACTS_A_JOB] * (each // _FACTS_A_JOB) + [each % _FACTS_A_JOB] * (each % _FACTS_A_JOB > 0)
    jobs = tuple(Job(f"f{number}", size, batched=True) for number, size in enumerate(sizes))
    start = time.perf_counter()
    with Team(LedgerSide, there, _PROCESSES) as team:
        for number, job in enumerate(jobs, 1):
            rate = team.rate(job)
            say(f"filling {there.ledger}: part {number} of {len(jobs)}, {rate:,.0f} events/s")
    seconds = time.perf_counter() - start
    with psycopg.connect(there.url, autocommit=True) as connection:
        tables = connection.execute("SELECT relname FROM pg_stat_user_tables WHERE schemaname = %s", (there.ledger,))
        for (table,) in tables:
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(there.ledger, table)))
        stored = sql.Identifier(there.ledger, "events")
        ((customers,),) = connection.execute(sql.SQL(_CUSTOMERS).format(stored)).fetchall()
    filled = Filled(there, events, copy_side.head(there), customers, seconds, jobs)
    say(str(filled))
    return filled
