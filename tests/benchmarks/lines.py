"""The lines of the table, and how each is measured: the sides in turn, round after round, on one server.

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
from tests.benchmarks.shop_day import FACTS_AN_ORDER
from tests.benchmarks.side import BATCH, Job
from tests.benchmarks.team import Team

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.benchmarks.side import Place

    Progress = Callable[[str], None]

WRITERS: Final = 6
PAIR: Final = 2
THREADS, PROCESSES, BATCHES, COPY = "threads", "processes", "batches", "copy"
ONLY: Final = (THREADS, PROCESSES, BATCHES, COPY)

# How much one process (or thread) does in one measurement at size 1; it takes a second or two.
_SINGLE_ORDERS: Final = 200
_BATCHES: Final = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the rate of each round on both sides, in `unit` a second, and what `target` the ratio has, if any."""

    key: str
    work: str
    against: str
    unit: str
    target: float | None
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    notes: tuple[str, ...] = ()

    @property
    def ratios(self) -> tuple[float, ...]:
        """Give ours over theirs, round by round."""
        return tuple(mine / other for mine, other in zip(self.ours, self.theirs, strict=True))

    @property
    def ratio(self) -> float:
        """Give the middle one of the rounds' ratios."""
        return median(self.ratios)

    @property
    def is_met(self) -> bool | None:
        """Tell whether the ratio reaches its target; None where there is none."""
        return None if self.target is None else self.ratio >= self.target


@dataclass(slots=True)
class Bench:
    """Measures on one server. `size` scales the work, and `say` is told what is being done."""

    place: Place
    rounds: int
    size: float
    say: Progress
    _jobs: int = field(default=0)

    def measure(self, only: tuple[str, ...]) -> list[Line]:
        """Give the lines asked for, in the order of the table."""
        lines: list[Line] = []
        if THREADS in only:
            work = f"durable single appends, decided and sealed, {WRITERS} threads of one process"
            lines.append(self._singles(THREADS, work, 1, WRITERS, 2.5))
        if PROCESSES in only:
            work = f"the same from {WRITERS} processes"
            lines.append(self._singles(PROCESSES, work, WRITERS, 1, 1.3))
        if BATCHES in only or COPY in only:
            lines += [line for line in self._batches(with_copy=COPY in only) if line.key in only]
        return lines

    def _singles(self, key: str, work: str, processes: int, threads: int, target: float) -> Line:
        rates: dict[str, list[float]] = {"ours": [], "theirs": []}
        orders = self._scaled(_SINGLE_ORDERS)
        with Team(LedgerSide, self.place, processes) as ours, Team(LibrarySide, self.place, processes) as theirs:
            for team in (ours, theirs):
                team.rate(self._job(max(1, orders // 10), threads=threads))
            for number in range(self.rounds):
                for name, team in (("ours", ours), ("theirs", theirs)):
                    rate = team.rate(self._job(orders, threads=threads))
                    rates[name].append(rate)
                    self.say(f"{key}: round {number + 1} of {self.rounds}, {name}: {rate:,.0f} facts/s")
        against = (
            f"eventsourcing save, {threads} threads" if threads > 1 else f"eventsourcing save, {processes} processes"
        )
        return Line(key, work, against, "facts", target, tuple(rates["ours"]), tuple(rates["theirs"]))

    def _batches(self, *, with_copy: bool) -> list[Line]:
        # Two of each side, and each measured alone and as a pair.
        rates: dict[str, dict[int, list[float]]] = {name: {1: [], PAIR: []} for name in ("ours", "theirs", "copy")}
        with (
            Team(LedgerSide, self.place, PAIR) as ours,
            Team(LibrarySide, self.place, PAIR) as theirs,
            Team(CopySide, self.place, PAIR) as copies,
        ):
            for team in (ours, theirs):
                team.rate(self._batch_job(1))
            for number in range(self.rounds):
                for members in (1, PAIR):
                    after = copy_side.head(self.place)
                    round_rates = {"ours": ours.rate(self._batch_job(), members)}
                    upto = copy_side.head(self.place)
                    round_rates["theirs"] = theirs.rate(self._batch_job(), members)
                    if with_copy:
                        job = Job(label="copy", orders=0, after=after, upto=upto)
                        round_rates["copy"] = copies.rate(job, members)
                    for name, rate in round_rates.items():
                        rates[name][members].append(rate)
                        told = f"{name} from {_processes(members)}: {rate:,.0f} events/s"
                        self.say(f"{BATCHES}: round {number + 1} of {self.rounds}, {told}")
        return _batch_lines(rates)

    def _batch_job(self, batches: int | None = None) -> Job:
        count = batches or self._scaled(_BATCHES)
        return self._job(count * BATCH // FACTS_AN_ORDER, batched=True)

    def _job(self, orders: int, *, threads: int = 1, batched: bool = False) -> Job:
        self._jobs += 1
        return Job(f"j{self._jobs}", orders, threads, batched)

    def _scaled(self, amount: int) -> int:
        return max(1, round(amount * self.size))


def _batch_lines(rates: Mapping[str, Mapping[int, list[float]]]) -> list[Line]:
    best = {name: max(of, key=lambda members: median(of[members] or [0.0])) for name, of in rates.items()}
    ours, theirs = rates["ours"][best["ours"]], rates["theirs"][best["theirs"]]
    noted = f"ours: {_each(rates['ours'])}"
    work = f"batches of {BATCH} facts, validated, decided and sealed"
    notes = (noted, f"eventsourcing: {_each(rates['theirs'])}")
    lines = [
        Line(BATCHES, work, "eventsourcing save of the same events", "events", 2.5, tuple(ours), tuple(theirs), notes)
    ]
    copied = rates["copy"]
    if copied[1]:
        notes = (noted, f"COPY: {_each(copied)}")
        against = "bare COPY of the same rows, one connection"
        lines.append(Line(COPY, "the same", against, "events", 0.4, tuple(ours), tuple(copied[1]), notes))
    return lines


def _each(rates: Mapping[int, list[float]]) -> str:
    """Say what one process reached and what two did, and so which is the better."""
    return ", ".join(f"{median(of):,.0f}/s from {_processes(members)}" for members, of in rates.items())


def _processes(members: int) -> str:
    return "one process" if members == 1 else f"{members} processes"
