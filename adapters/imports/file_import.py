"""The import of a file under a mapping, for real or dry.

Promise: the facts of a row are handed to the ledger together, some hundred facts a transaction; their names come from
what the file holds, so an import that was cut short is completed by doing it again, and one that was done changes
nothing. A row of which a fact cannot be stored is rejected, whatever became of its others. A dry run appends nothing,
and knows what the log holds already. The file is read twice: first for what has to be registered before its first row.
Refused: nothing that a row may hold; that is a rejected row.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from adapters.imports.draft import Terms
from adapters.imports.file_report import FileReport
from adapters.imports.mapped import Reader, Taken
from adapters.imports.registrations import Needs, missing, need
from adapters.imports.rejects import Rejects
from adapters.imports.row import Reason
from adapters.imports.rows import opened
from adapters.ledger import BATCH_MAX, Receipt, utc_now
from adapters.ledger.records import Records
from adapters.ledger.repeats import find_repeats, other_content
from adapters.postgres.connection import translated
from domain.errors import PledgerError
from domain.facts import parse_fact
from domain.facts.data import CollectionData, ShareData
from domain.facts.fields import Subject
from domain.vocabulary import ADDRESS, NAME, PAYMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Any, BinaryIO

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.imports.mapping import Mapping
    from domain.facts import Fact

_DIGEST_CHARACTERS: Final = 32
_SEEN_MAX: Final = 200_000
"""So many of a file's own facts a dry run remembers, to know a row that repeats an earlier one."""
_ROW_FACTS_MAX: Final = 8
_LATER: Final = Reason("time_in_future", "It lies in the future, beyond the tolerance for clocks that differ.")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first pass finds: how many rows, when the first collection or share was, and where data was asked for."""

    rows: int
    earliest: datetime | None
    points: frozenset[str]


class FileImport:
    """An import of one file; `survey` it, `register` what it needs, then `run` it.

    `at` is the time of rows without one; `notice` the version shown where neither mapping nor row says, by default the
    one in force.
    """

    def __init__(
        self,
        installation: Installation,
        path: Path,
        mapping: Mapping,
        *,
        at: datetime | None = None,
        notice: str | None = None,
    ) -> None:
        self._installation = installation
        self._path = path
        self._mapping = mapping
        self._terms = Terms(mapping, notice=notice or installation.policy.version, at=at, digest=self._digest)
        self._tolerance = timedelta(seconds=installation.settings.future_tolerance_seconds)

    def _digest(self, text: str) -> str:
        # No kind of name is called import, so this is never the digest by which a person is looked up.
        return self._installation.keyring.name(Subject("import", text)).hex()[:_DIGEST_CHARACTERS]

    def survey(self) -> Survey:
        """Read the file once. Raises what `rows.opened` raises."""
        rows, earliest, points = 0, None, set()
        latest = utc_now() + self._tolerance
        with opened(self._path, self._mapping) as file:
            for taken in Reader(self._terms).take(file.stream):
                rows += len(taken.rows)
                for fact in taken.facts:
                    if isinstance(fact.data, CollectionData):
                        points.add(fact.data.collection_point)
                    if isinstance(fact.data, CollectionData | ShareData) and fact.time <= latest:
                        earliest = fact.time if earliest is None else min(earliest, fact.time)
        return Survey(rows, earliest, frozenset(points))

    def register(self, found: Survey, *, is_dry: bool = False) -> list[str]:
        """Register the collection points and recipients that the company lacks at the time of the first row."""
        if found.earliest is None:
            return []
        constants, needed = self._mapping.constants, Needs()
        if constants.carrier:
            need(needed, constants.carrier, "carrier", (NAME, ADDRESS))
        if constants.payment_processor:
            need(needed, constants.payment_processor, "payment", (NAME, PAYMENT))
        company = self._installation.ledger.company()
        points, online = sorted(found.points), constants.online
        lacking = missing(self._mapping.source, found.earliest, company, needed, points, online=online)
        for registration in () if is_dry else lacking:
            self._installation.ledger.append(parse_fact(registration.fact))
        return [registration.name for registration in lacking]

    def run(
        self,
        *,
        is_dry: bool = False,
        rejected: BinaryIO | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> FileReport:
        """Append the facts of every row, or foresee what would be appended; `progress` is told the rows done.

        Rejected rows are written to `rejected`. Raises what `rows.opened` raises, and what the ledger raises for a
        whole batch; what was appended stays.
        """
        if not is_dry:
            return self._run(self._installation.ledger.append_many, FileReport(), rejected, progress)
        with self._installation.connect() as connection:
            foresight = _Foresight(self._installation, connection)
            return self._run(foresight.answers, FileReport(is_dry=True), rejected, progress)

    def _run(
        self,
        answers: Callable[[Sequence[Fact]], Sequence[Receipt | PledgerError]],
        report: FileReport,
        rejected: BinaryIO | None,
        progress: Callable[[int], None] | None,
    ) -> FileReport:
        started = time.perf_counter()
        with opened(self._path, self._mapping) as file:
            rejects = Rejects(rejected, file.shape) if rejected else None
            batch: list[Taken] = []
            facts = 0

            def flush() -> None:
                self._append(batch, answers, report, rejects)
                batch.clear()
                if progress:
                    progress(report.rows)

            for taken in Reader(self._terms).take(file.stream):
                batch.append(taken)
                facts += len(taken.facts)
                if facts > BATCH_MAX - _ROW_FACTS_MAX or len(batch) >= BATCH_MAX:
                    flush()
                    facts = 0
            flush()
        report.seconds = time.perf_counter() - started
        return report

    def _append(
        self,
        batch: Iterable[Taken],
        answers: Callable[[Sequence[Fact]], Sequence[Receipt | PledgerError]],
        report: FileReport,
        rejects: Rejects | None,
    ) -> None:
        latest = utc_now() + self._tolerance
        timely = [taken if _is_timely(taken, latest) else Taken(taken.rows, reason=_LATER) for taken in batch]
        answered = iter(answers([fact for taken in timely for fact in taken.facts]))
        for taken in timely:
            report.rows += len(taken.rows)
            reason = taken.reason
            for fact in taken.facts:
                report.facts += 1
                answer = next(answered)
                if isinstance(answer, Receipt):
                    report.answered(fact, answer)
                else:
                    reason = reason or Reason(answer.code, str(answer))
            if reason is not None:
                report.reject(taken.rows, reason)
                if rejects:
                    rejects.add(taken.rows, reason)
            elif taken.facts:
                report.taken += len(taken.rows)
            else:
                report.skipped += len(taken.rows)


def _is_timely(taken: Taken, latest: datetime) -> bool:
    return all(fact.time <= latest for fact in taken.facts)


class _Foresight:
    """Answers facts as the ledger would, as far as what is there already decides that; nothing is judged."""

    def __init__(self, installation: Installation, connection: psycopg.Connection[Any]) -> None:
        self._records = Records(connection, installation.keyring, installation.identity.company_stream)
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()

    def answers(self, facts: Sequence[Fact]) -> list[Receipt | PledgerError]:
        """Give one answer each."""
        with translated():
            known = find_repeats(self._records, facts) if facts else {}
        found: list[Receipt | PledgerError] = []
        for fact in facts:
            key, content = (fact.source, fact.id), hash(fact.content())
            try:
                if repeat := known.get(key):
                    found.append(repeat.answer(fact))
                elif (before := self._seen.get(key)) is None:
                    self._seen[key] = content
                    found.append(Receipt(fact.name, 0, 0))
                elif before == content:
                    found.append(Receipt(fact.name, 0, 0, repeated=True))
                else:
                    found.append(other_content(fact))
            except PledgerError as error:
                found.append(error)
        while len(self._seen) > _SEEN_MAX:
            self._seen.popitem(last=False)
        return found
