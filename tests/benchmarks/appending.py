"""The lines about appending, and how each is measured: the sides in turn, round after round, on one server.

Promise: the two sides of a line do the same work in the same run; a ratio is taken within a round, so that what slows
the machine down for a while slows down both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Final

from tests.benchmarks import copy_side
from tests.benchmarks.copy_side import CopySide
from tests.benchmarks.ledger_side import LedgerSide
from tests.benchmarks.library_side import LibrarySide
from tests.benchmarks.line import Line
from tests.benchmarks.side import BATCH, Job
from tests.benchmarks.targets import target
from tests.benchmarks.team import Team

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.benchmarks.side import Place

    Progress = Callable[[str], None]

WRITERS: Final = 6
PAIR: Final = 2
THREADS, PROCESSES, BATCHES, COPY = "threads", "processes", "batches", "copy"
APPENDING: Final = (THREADS, PROCESSES, BATCHES, COPY)

# How much one process (or thread) does in one measurement at size 1: one to three seconds.
_SINGLE_FACTS: Final = 600
_BATCHES: Final = 20


@dataclass(slots=True)
class Appending:
    """Measures on one server. `size` scales the work, and `say` is told what is being done."""

    place: Place
    rounds: int
    size: float
    say: Progress
    _jobs: int = field(default=0)

    def measure(self, only: tuple[str, ...]) -> list[Line]:
        """Return the lines asked for, in the order of the table."""
        lines: list[Line] = []
        size = WRITERS if PROCESSES in only else PAIR
        with Team(LedgerSide, self.place, size) as ours, Team(LibrarySide, self.place, size) as theirs:
            sides = {"ours": ours, "theirs": theirs}
            if THREADS in only:
                work = f"durable single appends, decided and sealed, {WRITERS} threads of one process"
                lines.append(self._singles(sides, THREADS, work, threads=WRITERS))
            if PROCESSES in only:
                work = f"the same from {WRITERS} processes"
                lines.append(self._singles(sides, PROCESSES, work, processes=WRITERS))
            if BATCHES in only or COPY in only:
                with Team(CopySide, self.place, PAIR) as copies:
                    lines += self._batches({**sides, "copy": copies})
        return [line for line in lines if line.key in only]

    def _singles(self, sides: Mapping[str, Team], key: str, work: str, *, processes: int = 1, threads: int = 1) -> Line:
        rates: dict[str, list[float]] = {name: [] for name in sides}
        facts = self._scaled(_SINGLE_FACTS)
        for team in sides.values():
            team.rate(self._job(max(1, facts // 10), threads=threads), processes)
        for number in range(self.rounds):
            for name, team in sides.items():
                rate = team.rate(self._job(facts, threads=threads), processes)
                rates[name].append(rate)
                self.say(f"{key}: round {number + 1} of {self.rounds}, {name}: {rate:,.0f} facts/s")
        writers = f"{threads} threads" if threads > 1 else f"{processes} processes"
        ours, theirs = tuple(rates["ours"]), tuple(rates["theirs"])
        return Line(key, work, f"eventsourcing save, {writers}", "facts/s", target(key, self.place), ours, theirs)

    def _batches(self, sides: Mapping[str, Team]) -> list[Line]:
        rates: dict[str, dict[int, list[float]]] = {name: {1: [], PAIR: []} for name in sides}
        for name in ("ours", "theirs"):
            sides[name].rate(self._batch_job(1), PAIR)
        for number in range(self.rounds):
            for members in (1, PAIR):
                after = copy_side.head(self.place)
                for name, team in sides.items():
                    # Ours comes first, so by the time of the copy the log ends with what it just stored.
                    job = self._copy_job(after) if name == "copy" else self._batch_job()
                    rate = team.rate(job, members)
                    rates[name][members].append(rate)
                    told = f"{name} from {_processes(members)}: {rate:,.0f} events/s"
                    self.say(f"{BATCHES}: round {number + 1} of {self.rounds}, {told}")
        return _batch_lines(self.place, rates)

    def _copy_job(self, after: int) -> Job:
        return Job("copy", 0, batched=True, after=after, upto=copy_side.head(self.place))

    def _batch_job(self, batches: int | None = None) -> Job:
        count = batches or self._scaled(_BATCHES)
        return self._job(count * BATCH, batched=True)

    def _job(self, facts: int, *, threads: int = 1, batched: bool = False) -> Job:
        self._jobs += 1
        return Job(f"j{self._jobs}", facts, threads, batched)

    def _scaled(self, amount: int) -> int:
        return max(1, round(amount * self.size))


def _batch_lines(place: Place, rates: Mapping[str, Mapping[int, list[float]]]) -> list[Line]:
    ours, theirs = (tuple(max(rates[name].values(), key=median)) for name in ("ours", "theirs"))
    copied = tuple(rates["copy"][1])
    mine = f"ours: {_each(rates['ours'])}"
    saved = (mine, f"eventsourcing: {_each(rates['theirs'])}")
    bare = (mine, f"COPY: {_each(rates['copy'])}")
    work = f"batches of {BATCH} facts, validated, decided and sealed"
    saves, copies = "eventsourcing save of the same events", "bare COPY of the same rows, one connection"
    return [
        Line(BATCHES, work, saves, "events/s", target(BATCHES, place), ours, theirs, saved),
        Line(COPY, "the same", copies, "events/s", target(COPY, place), ours, copied, bare),
    ]


def _each(rates: Mapping[int, list[float]]) -> str:
    """Say what one process reached and what two did, and so which is the better."""
    return ", ".join(f"{median(of):,.0f}/s from {_processes(members)}" for members, of in rates.items())


def _processes(members: int) -> str:
    return "one process" if members == 1 else f"{members} processes"
