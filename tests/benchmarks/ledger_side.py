"""Our side: facts validated from JSON, decided, sealed, appended. Single ones are validated before the clock runs."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from adapters.bootstrap import create, opened
from adapters.contract import parse_fact
from adapters.ledger import Receipt
from adapters.settings import Settings, load_settings
from tests.benchmarks.side import BATCH, chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from domain.facts import Fact
    from tests.benchmarks.side import Job, Place
    from tests.benchmarks.workload import Workload


def settings(place: Place) -> Settings:
    """Return the settings of the place's ledger."""
    return load_settings(home=place.home, database_url=place.url, ledger=place.ledger)


def create_ledger(place: Place) -> None:
    """Create the ledger and put on record what the workload needs."""
    create(settings(place))
    with opened(settings(place)) as installation:
        for fact in place.workload.company_facts():
            installation.ledger.append(parse_fact(fact))


class LedgerSide:
    """One process that appends to the ledger."""

    def __init__(self, place: Place) -> None:
        self._workload = place.workload
        self._open = ExitStack()
        self._ledger = self._open.enter_context(opened(settings(place))).ledger
        self._tasks: list[Callable[[], int]] = []

    def prepare(self, job: Job) -> None:
        """Write the facts' JSON, and read it where single appends are measured."""
        self._tasks = []
        for thread in range(job.threads):
            raw = list(self._workload.facts(f"{job.label}-{thread}", job.facts))
            if job.batched:
                self._tasks.append(partial(self._append_batches, chunks(raw, BATCH)))
            else:
                self._tasks.append(partial(self._append_each, [parse_fact(sent) for sent in raw]))

    def tasks(self) -> Sequence[Callable[[], int]]:
        """Return the work of each thread."""
        return self._tasks

    def close(self) -> None:
        """Close the ledger."""
        self._open.close()

    def _append_each(self, parsed: Sequence[Fact]) -> int:
        for fact in parsed:
            events_of(self._ledger.append(fact), self._workload)
        return len(parsed)

    def _append_batches(self, batches: Sequence[Sequence[bytes]]) -> int:
        events = 0
        for batch in batches:
            for answer in self._ledger.append_many([parse_fact(sent) for sent in batch]):
                events += events_of(answer, self._workload)
        return events


def events_of(answer: object, workload: Workload) -> int:
    """Return how many events a fact made; one that was not stored, or broke the law, would be another workload."""
    if not isinstance(answer, Receipt) or answer.repeated or (answer.findings and workload.is_lawful):
        message = f"the workload is not what it should be: {answer}"
        raise RuntimeError(message)
    return answer.events
