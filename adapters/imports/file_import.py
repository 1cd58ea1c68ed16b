"""The import of a file under a mapping, for real or dry.

The facts of a row go to the ledger in one batch. Their ids come from what the file holds, so an import that was cut
short is completed by repeating it, and repeating a whole one changes nothing. A row is rejected if one of its facts
cannot be stored, even if others were. A dry run appends nothing, and knows what is in the log. The file is read twice,
the first time for what has to be registered before its first row.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from adapters.contract import parse_fact
from adapters.imports.converter import Conversion, Converter
from adapters.imports.file_report import Answer, ImportCounts
from adapters.imports.interpreter import Interpreter
from adapters.imports.reader import RowsFileUnreadable, open_table
from adapters.imports.registrations import Needs, missing, need
from adapters.imports.rejected_rows import RejectedRows
from adapters.imports.rows import Reason
from adapters.ledger import BATCH_MAX, Receipt
from adapters.ledger.records import Records
from adapters.ledger.repeats import find_repeats
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from domain.errors import FactConflict, PledgerError
from domain.facts.data import CollectionData, ShareData
from domain.facts.fields import Subject
from domain.vocabulary import ADDRESS, NAME, PAYMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import Any, BinaryIO

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.imports.mapping import ImportMapping
    from domain.facts import Fact

_DIGEST_CHARACTERS: Final = 32
_SEEN_MAX: Final = 200_000
"""The number of a file's own facts that a dry run remembers, to recognise rows that repeat earlier ones."""
_ROW_FACTS_MAX: Final = 8
_IN_FUTURE: Final = Reason("time_in_future", "Its time is in the future, beyond the tolerance for clocks that differ.")
ReportT = TypeVar("ReportT", bound=ImportCounts)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first pass finds: the number of rows, the time of the first collection or share, collection points."""

    rows: int
    earliest: datetime | None
    points: frozenset[str]


class FileImport:
    """The import of one file: `complete` does it whole; it will `survey` it, `register` what it needs, and `run` it.

    `at` is the time of rows without one. `notice` is the version that was shown if neither mapping nor row names one,
    by default the version in force.
    """

    def __init__(
        self,
        installation: Installation,
        path: Path,
        mapping: ImportMapping,
        *,
        at: datetime | None = None,
        notice: str | None = None,
    ) -> None:
        self._installation = installation
        self._path = path
        self._mapping = mapping
        notice = notice or installation.policy.version
        self._converter = Converter(
            Interpreter(mapping, notice=notice, at=at, digest=self._digest, contract=installation.contract)
        )

    def _digest(self, text: str) -> str:
        # No kind of name is called import, so this is never the digest by which a person is looked up.
        return self._installation.keyring.name(Subject("import", text)).hex()[:_DIGEST_CHARACTERS]

    def complete(
        self, report: ReportT, progress: Callable[[int, int], None], *, rejected: BinaryIO | None = None
    ) -> ReportT:
        """Do the whole import, or foresee it, and count it in `report`.

        `progress` is called with the rows done, and of how many. Raise what `survey` and `run` raise.
        """
        survey = self.survey()
        report.registered = self.register(survey, is_dry=report.is_dry)
        return self.run(report, rejected=rejected, progress=lambda done: progress(done, survey.rows))

    def survey(self) -> Survey:
        """Read the file once. Raise what `open_table` raises."""
        if self._path.exists() and not self._path.is_file():
            raise RowsFileUnreadable(self._path, "it is not a file; it is read twice, so it cannot come through a pipe")
        rows = 0
        earliest: datetime | None = None
        points: set[str] = set()
        latest = self._installation.ledger.latest()
        with open_table(self._path, self._mapping) as table:
            for conversion in self._converter.convert(table.rows):
                rows += len(conversion.rows)
                if all(_is_known(draft, earliest, points) for draft in conversion.drafts):
                    continue  # Parsing takes most of the time.
                for fact in conversion.parsed(self._installation.ledger.parse).facts:
                    if isinstance(fact.data, CollectionData):
                        points.add(fact.data.collection_point)
                    if isinstance(fact.data, CollectionData | ShareData) and fact.time <= latest:
                        earliest = fact.time if earliest is None else min(earliest, fact.time)
        return Survey(rows, earliest, frozenset(points))

    def register(self, survey: Survey, *, is_dry: bool = False) -> list[str]:
        """Register the collection points and recipients that the company lacks at the time of the first row."""
        if survey.earliest is None:
            return []
        constants, needed = self._mapping.constants, Needs()
        if constants.carrier:
            need(needed, constants.carrier, "carrier", (NAME, ADDRESS))
        if constants.payment_processor:
            need(needed, constants.payment_processor, "payment", (NAME, PAYMENT))
        company = self._installation.ledger.company()
        points, online = sorted(survey.points), constants.online
        lacking = missing(self._mapping.source, survey.earliest, company, needed, points, online=online)
        for registration in () if is_dry else lacking:
            self._installation.ledger.append(parse_fact(registration.fact))
        return [registration.name for registration in lacking]

    def run(
        self,
        report: ReportT,
        *,
        rejected: BinaryIO | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> ReportT:
        """Append the facts of every row, or foresee what would be appended, and count it in `report`.

        Rejected rows are written to `rejected`; `progress` is called with the rows done. Raise what `open_table`
        raises, and what the ledger raises for a whole batch; what was appended stays.
        """
        started = time.perf_counter()
        with self._installation.connect() as connection:
            dry_run = _DryRun(self._installation, connection) if report.is_dry else None
            append_many = dry_run.append_many if dry_run else partial(self._append_many, connection, report)
            self._run(append_many, report, rejected, progress)
        report.seconds = time.perf_counter() - started
        return report

    def _append_many(
        self, connection: psycopg.Connection[Any], report: ImportCounts, facts: Sequence[Fact]
    ) -> list[Answer]:
        """Append facts, and count in `report` whom they enrolled."""
        answers = self._installation.ledger.append_many(facts)
        new = [one for one in answers if isinstance(one, Receipt) and not one.repeated]
        positions = [place for one in new for place in range(one.position - one.events + 1, one.position + 1)]
        if positions:
            with translated():
                found = connection.execute(query("enrollments_at"), {"positions": positions}).fetchall()
            report.enrolled.update({(program, cause): count for program, cause, count in found})
        return answers

    def _run(
        self,
        append_many: Callable[[Sequence[Fact]], Sequence[Answer]],
        report: ImportCounts,
        rejected: BinaryIO | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        with open_table(self._path, self._mapping) as table:
            rejected_rows = RejectedRows(rejected, table.format) if rejected else None
            for batch in _batches(
                one.parsed(self._installation.ledger.parse) for one in self._converter.convert(table.rows)
            ):
                times = [fact.time for one in batch for fact in one.facts]
                latest = self._installation.ledger.latest(max(times)) if times else None
                checked = [_checked(one, latest) for one in batch]
                sent = [one.facts if not one.reasons else () for one in checked]
                answers = iter(append_many([fact for facts in sent for fact in facts]))
                for conversion, facts in zip(checked, sent, strict=True):
                    reason = report.add(conversion, [next(answers) for _ in facts])
                    if reason is not None and rejected_rows:
                        rejected_rows.add(conversion.rows, reason)
                if progress:
                    progress(report.rows)


def _is_known(draft: dict[str, Any], earliest: datetime | None, points: set[str]) -> bool:
    """Return whether a fact tells a survey nothing new: it is not earlier, and its collection point is known."""
    point = draft["data"].get("collection_point")
    return earliest is not None and earliest <= datetime.fromisoformat(draft["time"]) and (not point or point in points)


def _checked(conversion: Conversion, latest: datetime | None) -> Conversion:
    """Reject a conversion as a whole if one of its facts lies in the future; a batch without facts has no `latest`."""
    is_timely = latest is None or all(fact.time <= latest for fact in conversion.facts)
    return conversion if is_timely else conversion._replace(reasons=(_IN_FUTURE,))


def _batches(conversions: Iterator[Conversion]) -> Iterator[list[Conversion]]:
    """Yield conversions in batches of so many facts as one transaction takes."""
    batch: list[Conversion] = []
    facts = 0
    for conversion in conversions:
        batch.append(conversion)
        facts += len(conversion.facts)
        if facts > BATCH_MAX - _ROW_FACTS_MAX or len(batch) >= BATCH_MAX:
            yield batch
            batch, facts = [], 0
    yield batch


class _DryRun:
    """Answers facts as the ledger would, by what is in the log already; nothing is judged or appended."""

    def __init__(self, installation: Installation, connection: psycopg.Connection[Any]) -> None:
        self._records = Records(
            connection, installation.keyring, installation.identity.company_stream, installation.contract.addresses
        )
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()

    def append_many(self, facts: Sequence[Fact]) -> list[Answer]:
        """Return one answer for each fact."""
        with translated():
            known = find_repeats(self._records, facts) if facts else {}
        found: list[Answer] = []
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
                    found.append(FactConflict())
            except PledgerError as error:
                found.append(error)
        while len(self._seen) > _SEEN_MAX:
            self._seen.popitem(last=False)
        return found
