"""The comparison of a file of another system with a ledger.

It finds what the file shows and the ledger lacks, with what it would have broken, and what the ledger has and the file
does not show. The file and the ledger are compared as they are when the comparison begins. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adapters.contract import parse_fact, parse_name
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.reconciliation import recorded
from adapters.reconciliation.mapping import CHANNEL, ROLE
from adapters.reconciliation.matching import KeyedAct, KeyedRow, RecordedAct, match
from adapters.reconciliation.parsed_rows import assumed_fact, parse_file
from adapters.reconciliation.people import People
from adapters.reconciliation.recorded import EARLIEST, LATEST, NEVER, TimeSpan
from adapters.reconciliation.report import Discrepancy, ReconciliationReport
from domain.errors import UnknownCustomer
from domain.facts.fields import Subject
from domain.refusals import NOT_REGISTERED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.reconciliation.mapping import ReconciliationMapping
    from adapters.reconciliation.parsed_rows import ParsedFile, ParsedRow


def compare(  # noqa: PLR0913 - what is compared with what, for which time
    installation: Installation,
    connection: psycopg.Connection[Any],
    path: Path,
    mapping: ReconciliationMapping,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ReconciliationReport:
    """Compare a file with the ledger.

    Without `since` and `until` the period is that of the rows. `progress` is called with the rows judged, and of how
    many.
    """
    file = parse_file(path, mapping, installation.contract)
    with translated():
        ((position,),) = connection.execute(query("head")).fetchall()
        work = _Comparison(installation, connection, mapping, file, position, _period(file, since, until))
        work.find_people()
        work.pair()
    work.judge(progress)
    work.find_unconfirmed()
    return work.report()


@dataclass(slots=True)
class _Comparison:
    """One reconciliation under way."""

    installation: Installation
    connection: psycopg.Connection[Any]
    mapping: ReconciliationMapping
    file: ParsedFile
    position: int
    period: TimeSpan
    people: People = field(init=False)
    persons: dict[int, tuple[UUID, ...]] = field(default_factory=dict)
    """The persons of each row, by line; none if the ledger does not know its names."""
    acts: dict[int, RecordedAct] = field(default_factory=dict)
    """By position."""
    taken: set[int] = field(default_factory=set)
    pairs: dict[int, list[RecordedAct]] = field(default_factory=dict)
    found: list[Discrepancy] = field(default_factory=list)
    erased: list[RecordedAct] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = People(self.connection, self.installation.keyring, self.position)

    def find_people(self) -> None:
        """Find the person of each row by its names: the first that the ledger knows."""
        names = {row.line: [*row.names, *_as_guest(row)] for row in self.file.rows}
        known = self.people.find({name for several in names.values() for name in several})
        self.persons = {
            line: tuple(known[name] for name in several if name in known)[:1] for line, several in names.items()
        }
        self.people.load({person for several in self.persons.values() for person in several})

    def pair(self) -> None:
        """Find the acts in the ledger that each row records.

        The act may be on the stream of another person than the row names, such as the recipient of a gift. So for a row
        without a match, the persons who placed an order or got a gift under its reference are tried too.
        """
        self._pair(self.file.rows)
        lost = [row for row in self.file.rows if row.reference is not None and not self.pairs.get(row.line)]
        ordered = self.people.who_ordered({row.reference for row in lost if row.reference is not None}) if lost else {}
        for row in lost:
            others = ordered.get(row.reference or "", ())
            self.persons[row.line] = tuple(dict.fromkeys((*self.persons[row.line], *others)))
        self._pair(lost)

    def judge(self, progress: Callable[[int, int], None] | None) -> None:
        """Note each row that differs from the ledger, and what it would have broken."""
        inside = [row for row in self.file.rows if self.period.has(row.at)]
        missing = [row for row in inside if not self.pairs.get(row.line)]
        for done, row in enumerate(missing, 1):
            self.found.append(self._not_recorded(row))
            if progress:
                progress(done, len(missing))
        for row in self.file.rows:
            for fact in self.pairs.get(row.line, ()):
                is_asked = self.period.has(row.at) or self.period.has(fact.at)
                if is_asked and abs(fact.at - row.at) > self.mapping.tolerance:
                    self.found.append(Discrepancy("time_differs", row.line, fact.fact, fact.person, row.at, fact.at))
                is_unknown = row.names and not self.persons[row.line] and not self.people.is_erased(fact.person)
                if is_asked and is_unknown:
                    self.found.append(Discrepancy("unknown_person", row.line, fact.fact, None, row.at, fact.at))

    def find_unconfirmed(self) -> None:
        """Note each fact of the period that the file should show and does not, unless its person was erased."""
        left = [
            fact
            for fact in self.acts.values()
            if fact.is_expected and fact.position not in self.taken and self.period.has(fact.at)
        ]
        if not left:
            return
        with translated():
            self.people.load({fact.person for fact in left})
            corrected = recorded.corrections(self.people)
        for fact in left:
            if self.people.is_erased(fact.person):
                self.erased.append(fact)
                continue
            by = corrected.get(fact.fact)
            self.found.append(Discrepancy("not_confirmed", None, fact.fact, fact.person, fact.at, corrected_by=by))

    def report(self) -> ReconciliationReport:
        """Return the result."""
        inside = [row for row in self.file.rows if self.period.has(row.at)]
        return ReconciliationReport(
            self.mapping,
            self.file,
            self.position,
            self.period,
            confirmed=sum(bool(self.pairs.get(row.line)) for row in inside),
            outside=len(self.file.rows) - len(inside),
            found=self.found,
            erased=[fact.fact for fact in self.erased],
        )

    def _pair(self, rows: Sequence[ParsedRow]) -> None:
        if self.mapping.kind in CHANNEL:
            self._pair_messages(rows)
        if self.mapping.kind in ROLE:
            self._pair_shares(rows)

    def _pair_messages(self, rows: Sequence[ParsedRow]) -> None:
        channel, persons = self.mapping.channel, self.persons
        assert channel is not None, "each kind of file that holds messages has a channel"
        ids = (row.message_id for row in rows if row.message_id is not None)
        found = recorded.messages(self.people, self.mapping, channel, self._reach(), ids)
        self.acts |= {one.act.position: one.act for one in found}
        by_both = [KeyedAct(((one.message_id, one.act.person),), one.act) for one in found]
        by_id = [
            KeyedRow(tuple((row.message_id, one) for one in persons[row.line]), row) for row in rows if row.message_id
        ]
        self._match(by_id, by_both, at_any_time=True)
        # If the ledger does not know the row's names, an id that no other message has is proof enough.
        unknown = [KeyedRow((row.message_id,), row) for row in rows if row.message_id and not persons[row.line]]
        self._match(unknown, recorded.with_unique_ids(found), at_any_time=True)
        rest = [KeyedRow(persons[row.line], row) for row in rows if not self.pairs.get(row.line)]
        self._match(rest, [KeyedAct((one.act.person,), one.act) for one in found], at_any_time=False)

    def _pair_shares(self, rows: Sequence[ParsedRow]) -> None:
        to = recorded.recipients(self.installation.ledger.company(), self.mapping, self.file.rows)
        persons = {person for row in rows for person in self.persons[row.line]}
        found = recorded.shares(self.people, to, self._reach(), persons)
        self.acts |= {one.act.position: one.act for one in found}
        keyed = [KeyedRow(recorded.share_keys(self.people, row, self.persons[row.line]), row) for row in rows]
        self._match([one for one in keyed if one.row.reference is not None], found, at_any_time=True)
        self._match([one for one in keyed if one.row.reference is None], found, at_any_time=False)

    def _match(self, rows: Iterable[KeyedRow], facts: Iterable[KeyedAct], *, at_any_time: bool) -> None:
        pairs = match(rows, facts, self.mapping.tolerance, taken=self.taken, at_any_time=at_any_time)
        for line, fact in pairs.items():
            self.pairs.setdefault(line, []).append(fact)

    def _not_recorded(self, row: ParsedRow) -> Discrepancy:
        persons = self.persons[row.line]
        if not persons:
            kind = "unknown_person" if row.names or row.reference is not None else "not_recorded"
            return Discrepancy(kind, row.line, None, None, row.at)
        found: list[tuple[str, str]] = []
        for person in persons:
            fact = parse_fact(assumed_fact(self.mapping, row, f"id:{person}"))
            try:
                found += [(one.promise, one.code) for one in self.installation.ledger.ask(fact).findings]
            except UnknownCustomer:  # The person was erased after the names were looked up.
                return Discrepancy("unknown_person", row.line, None, None, row.at)
        promises = tuple(dict.fromkeys(promise for promise, _ in found if promise != NOT_REGISTERED))
        codes = tuple(dict.fromkeys(code for _, code in found))
        return Discrepancy("not_recorded", row.line, None, persons[0], row.at, would_break=promises, codes=codes)

    def _reach(self) -> TimeSpan:
        """Return the period of the acts that rows of the asked period can record."""
        low, high = self.period
        tolerance = self.mapping.tolerance
        return TimeSpan(
            low - tolerance if low - EARLIEST > tolerance else EARLIEST,
            high + tolerance if LATEST - high > tolerance else LATEST,
        )


def _period(file: ParsedFile, since: datetime | None, until: datetime | None) -> TimeSpan:
    """Return the period to compare; a bound that is not given is that of the rows."""
    times = [row.at for row in file.rows]
    if not times and since is None and until is None:
        return NEVER
    return TimeSpan(since or min(times, default=EARLIEST), until or max(times, default=LATEST))


def _as_guest(row: ParsedRow) -> Sequence[Subject]:
    """Return the name that a guest has by the order of a row."""
    if row.reference is None:
        return ()
    name = parse_name(f"order:{row.reference}")
    assert isinstance(name, Subject), "a reference is no longer than a name can be"
    return (name,)
