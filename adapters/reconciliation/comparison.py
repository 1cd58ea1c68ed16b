"""The comparison of a file of another system with a ledger.

It finds what the file shows and the ledger lacks, with what it would have broken, and what the ledger has and the file
does not show. The file and the ledger are compared as they are when the comparison begins. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adapters.contract import parse_fact
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.reconciliation import recorded
from adapters.reconciliation.mapping import CHANNEL, ROLE
from adapters.reconciliation.matching import KeyedAct, KeyedRow, RecordedAct, by_keys, match, rivals
from adapters.reconciliation.message_keys import MessageKeys
from adapters.reconciliation.parsed_rows import assumed_fact, parse_file
from adapters.reconciliation.people import People
from adapters.reconciliation.recorded import EARLIEST, LATEST, NEVER, TimeSpan
from adapters.reconciliation.report import Discrepancy, ReconciliationReport
from adapters.reconciliation.whom import Whom, find_whom
from domain.errors import UnknownCustomer
from domain.refusals import NO_PROMISES
from domain.vocabulary import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.reconciliation.mapping import ReconciliationMapping
    from adapters.reconciliation.message_keys import Pass
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
    whom: dict[int, Whom] = field(default_factory=dict)
    """Whom each row is about, by line."""
    acts: dict[int, RecordedAct] = field(default_factory=dict)
    """By position."""
    taken: set[int] = field(default_factory=set)
    pairs: dict[int, list[RecordedAct]] = field(default_factory=dict)
    rivals: list[tuple[ParsedRow, RecordedAct, list[RecordedAct]]] = field(default_factory=list)
    """Rows without a known number, each with its act and with those on other people's records that it shows as well."""
    strangers: set[int] = field(default_factory=set)
    """The lines of rows that an id alone paired, since the ledger does not know whom they name."""
    found: list[Discrepancy] = field(default_factory=list)
    erased: list[RecordedAct] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = People(self.connection, self.installation.keyring, self.position)

    def find_people(self) -> None:
        """Find the person of each row by its numbers, and by its address those on whose records it stands."""
        self.whom = find_whom(self.people, self.file.rows)
        self.people.load({person for whom in self.whom.values() for person in whom.persons})

    def pair(self) -> None:
        """Find the acts in the ledger that each row records.

        The act may be on the stream of another person than the row names, such as the recipient of a gift. So for a row
        without a match, the persons who placed an order or got a gift under its reference are tried too.
        """
        self._pair(self.file.rows)
        lost = [row for row in self.file.rows if row.reference is not None and not self.pairs.get(row.line)]
        ordered = self.people.who_ordered({row.reference for row in lost if row.reference is not None}) if lost else {}
        for row in lost:
            self.whom[row.line] = self.whom[row.line]._replace(ordered=ordered.get(row.reference or "", ()))
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
            for act in self.pairs.get(row.line, ()):
                if self.period.has(row.at) or self.period.has(act.at):
                    self.found += self._differences(row, act)
        for row, act, others in self.rivals:
            left = {one.person for one in others if one.position not in self.taken}
            if left and (self.period.has(row.at) or self.period.has(act.at)):
                number = len(left | {act.person})
                self.found.append(
                    Discrepancy("several_records", row.line, act.fact, None, row.at, act.at, records=number)
                )

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
        channel = self.mapping.channel
        assert channel is not None, "each kind of file that holds messages has a channel"
        ids = (row.message_id for row in rows if row.message_id is not None)
        found = recorded.messages(self.people, self.mapping, channel, self._reach(), ids)
        self.acts |= {one.act.position: one.act for one in found}
        by_address = self.people.known_by_address({one.act.person for one in found})
        keys = MessageKeys(found, self.whom, by_address, by_address=channel is Channel.EMAIL)
        self._match_left(keys.by_id(rows))
        # If the ledger does not know the row's names, an id that no other message has is proof enough.
        unknown = [row for row in rows if row.message_id and not self.whom[row.line].persons and not self._is_done(row)]
        by_id = [KeyedRow((row.message_id,), row) for row in unknown]
        self._match(by_id, recorded.with_unique_ids(found), at_any_time=True)
        self.strangers |= {row.line for row in unknown if row.names and self._is_done(row)}
        self._match_left(keys.by_time(rows))

    def _pair_shares(self, rows: Sequence[ParsedRow]) -> None:
        to = recorded.recipients(self.installation.ledger.company(), self.mapping, self.file.rows)
        persons = {person for row in rows for person in self.whom[row.line].persons}
        found = recorded.shares(self.people, to, self._reach(), persons)
        self.acts |= {one.act.position: one.act for one in found}
        keyed = [KeyedRow(recorded.share_keys(self.people, row, self.whom[row.line].persons), row) for row in rows]
        self._match([one for one in keyed if one.row.reference is not None], found, at_any_time=True)
        self._match([one for one in keyed if one.row.reference is None], found, at_any_time=False)

    def _match_left(self, passes: Iterable[Pass]) -> None:
        """Match, pass by pass, the rows that have no act yet."""
        for one in passes:
            left = [keyed for keyed in one.rows if not self._is_done(keyed.row)]
            self._match(left, one.acts, at_any_time=one.at_any_time)

    def _match(self, rows: Iterable[KeyedRow], acts: Sequence[KeyedAct], *, at_any_time: bool) -> None:
        """Pair rows with acts, and note which act on another's record a row without a known number shows as well."""
        keyed = [one for one in rows if one.keys]
        pairs = match(keyed, acts, self.mapping.tolerance, taken=self.taken, at_any_time=at_any_time)
        for line, act in pairs.items():
            self.pairs.setdefault(line, []).append(act)
        unled = [one for one in keyed if one.row.line in pairs and self.whom[one.row.line].led is None]
        found = by_keys(acts) if unled else {}
        for one in unled:
            act = pairs[one.row.line]
            if others := rivals(one, act, found, self.mapping.tolerance):
                self.rivals.append((one.row, act, others))

    def _is_done(self, row: ParsedRow) -> bool:
        return bool(self.pairs.get(row.line))

    def _differences(self, row: ParsedRow, act: RecordedAct) -> Iterator[Discrepancy]:
        """Yield what a row and the act that it is paired with say differently."""
        address = self.whom[row.line].address
        if abs(act.at - row.at) > self.mapping.tolerance:
            yield Discrepancy("time_differs", row.line, act.fact, act.person, row.at, act.at)
        if row.line in self.strangers:
            if not self.people.is_erased(act.person):
                yield Discrepancy("unknown_person", row.line, act.fact, None, row.at, act.at)
        elif address and act.sent_to and address != act.sent_to:
            yield Discrepancy("address_differs", row.line, act.fact, act.person, row.at, act.at)

    def _not_recorded(self, row: ParsedRow) -> Discrepancy:
        whom = self.whom[row.line]
        if not whom.persons:
            kind = "unknown_person" if row.names or row.reference is not None else "not_recorded"
            return Discrepancy(kind, row.line, None, None, row.at)
        answers: list[list[tuple[str, str]]] = []
        for person in whom.persons:
            fact = parse_fact(assumed_fact(self.mapping, row, f"id:{person}"))
            try:
                answers.append([(one.promise, one.code) for one in self.installation.ledger.ask(fact).findings])
            except UnknownCustomer:  # The person was erased after the names were looked up.
                return Discrepancy("unknown_person", row.line, None, None, row.at)
        found = _of_one_of_them(answers)
        promises = tuple(dict.fromkeys(promise for promise, _ in found if promise not in NO_PROMISES))
        codes = tuple(dict.fromkeys(code for _, code in found))
        records = len(whom.persons) if whom.person is None else None
        return Discrepancy(
            "not_recorded", row.line, None, whom.person, row.at, would_break=promises, codes=codes, records=records
        )

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


def _of_one_of_them(answers: Sequence[Sequence[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Return what an act would break that is about one of several people, of whom nobody knows which.

    What it breaks for each of them it breaks. If for one of them it breaks no more than that, it may have been theirs.
    """
    everything = list(dict.fromkeys(one for several in answers for one in several))
    common = [one for one in everything if all(one in several for several in answers)]
    return everything if all(len(set(several)) > len(common) for several in answers) else common
