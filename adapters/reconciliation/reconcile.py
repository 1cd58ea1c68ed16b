"""Holding a file of another system against a ledger.

Promise: says what the file shows and the ledger lacks, with what it would have broken, and what the ledger has and the
file does not show. Both are looked at as they are when it begins. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adapters.postgres.connection import translated
from adapters.postgres.schema import query
from adapters.reconciliation import recorded
from adapters.reconciliation.mapping import CHANNEL, ROLE
from adapters.reconciliation.matching import Met, Recorded, Sought, match
from adapters.reconciliation.people import People
from adapters.reconciliation.recorded import EARLIEST, LATEST, NEVER, Span
from adapters.reconciliation.report import Discrepancy, Outcome
from adapters.reconciliation.rows import hypothetical, read_rows
from domain.errors import UnknownCustomer
from domain.facts import parse_fact
from domain.facts.fields import Subject, parse_subject
from domain.refusals import NOT_REGISTERED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.reconciliation.mapping import Mapping
    from adapters.reconciliation.rows import Row, Rows


def reconcile(  # noqa: PLR0913 - what is held against what, for which time
    installation: Installation,
    connection: psycopg.Connection[Any],
    path: Path,
    mapping: Mapping,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Hold a file against the ledger, and give what came of it.

    Without `since` and `until` the period is that of the rows. `told` is called with the rows judged, and of how many.
    """
    rows = read_rows(path, mapping)
    with translated():
        ((position,),) = connection.execute(query("head")).fetchall()
        work = _Work(installation, connection, mapping, rows, position, _period(rows, since, until))
        work.find_people()
        work.pair()
    work.judge(told)
    work.look_for_what_no_row_shows()
    return work.outcome()


@dataclass(slots=True)
class _Work:
    """One reconciliation under way."""

    installation: Installation
    connection: psycopg.Connection[Any]
    mapping: Mapping
    rows: Rows
    position: int
    period: Span
    people: People = field(init=False)
    whose: dict[int, tuple[UUID, ...]] = field(default_factory=dict)
    """Who each row is about, by line; nobody whom the ledger does not know."""
    facts: dict[int, Recorded] = field(default_factory=dict)
    """By position."""
    taken: set[int] = field(default_factory=set)
    pairs: dict[int, list[Recorded]] = field(default_factory=dict)
    found: list[Discrepancy] = field(default_factory=list)
    erased: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = People(self.connection, self.installation.keyring, self.position)

    def find_people(self) -> None:
        """Resolve each row to a person by its names: the first that the ledger knows."""
        names = {row.line: [*row.names, *_as_guest(row)] for row in self.rows.good}
        known = self.people.find({name for several in names.values() for name in several})
        self.whose = {
            line: tuple(known[name] for name in several if name in known)[:1] for line, several in names.items()
        }
        self.people.load({person for several in self.whose.values() for person in several})

    def pair(self) -> None:
        """Find the fact, or the facts, that each row is a record of.

        What a row is for may be on record of somebody else than it names, such as the recipient of a gift; so those who
        ordered, or were given, under its reference are looked for where nothing is found otherwise.
        """
        self._pair(self.rows.good)
        lost = [row for row in self.rows.good if row.reference is not None and not self.pairs.get(row.line)]
        ordered = self.people.who_ordered({row.reference for row in lost if row.reference is not None}) if lost else {}
        for row in lost:
            others = ordered.get(row.reference or "", ())
            self.whose[row.line] = tuple(dict.fromkeys((*self.whose[row.line], *others)))
        self._pair(lost)

    def judge(self, told: Callable[[int, int], None] | None) -> None:
        """Note each row that is not what the ledger has, and what it would have broken."""
        inside = [row for row in self.rows.good if self.period.has(row.at)]
        missing = [row for row in inside if not self.pairs.get(row.line)]
        for done, row in enumerate(missing, 1):
            self.found.append(self._not_recorded(row))
            if told:
                told(done, len(missing))
        for row in self.rows.good:
            for fact in self.pairs.get(row.line, ()):
                is_asked = self.period.has(row.at) or self.period.has(fact.at)
                if is_asked and abs(fact.at - row.at) > self.mapping.tolerance:
                    self.found.append(Discrepancy("time_differs", row.line, fact.fact, fact.person, row.at, fact.at))
                is_unknown = row.names and not self.whose[row.line] and not self.people.is_erased(fact.person)
                if is_asked and is_unknown:
                    self.found.append(Discrepancy("unknown_person", row.line, fact.fact, None, row.at, fact.at))

    def look_for_what_no_row_shows(self) -> None:
        """Note each fact of the period that the file should show and does not; of the erased nobody can tell."""
        left = [
            fact
            for fact in self.facts.values()
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

    def outcome(self) -> Outcome:
        """Give what came of it."""
        inside = [row for row in self.rows.good if self.period.has(row.at)]
        return Outcome(
            self.mapping,
            self.rows,
            self.position,
            self.period,
            confirmed=sum(bool(self.pairs.get(row.line)) for row in inside),
            outside=len(self.rows.good) - len(inside),
            found=self.found,
            erased=[fact.fact for fact in self.erased],
        )

    def _pair(self, rows: Sequence[Row]) -> None:
        if self.mapping.kind in CHANNEL:
            self._pair_messages(rows)
        if self.mapping.kind in ROLE:
            self._pair_shares(rows)

    def _pair_messages(self, rows: Sequence[Row]) -> None:
        channel, whose = self.mapping.channel, self.whose
        assert channel is not None, "each kind of file that holds messages has a channel"
        ids = (row.message_id for row in rows if row.message_id is not None)
        found = recorded.messages(self.people, self.mapping, channel, self._reach(), ids)
        self.facts |= {one.fact.position: one.fact for one in found}
        by_both = [Met(((one.message_id, one.fact.person),), one.fact) for one in found]
        told = [Sought(tuple((row.message_id, one) for one in whose[row.line]), row) for row in rows if row.message_id]
        self._match(told, by_both, however_far=True)
        # Of somebody whom the ledger does not know by this name, an id that no other message bears is proof enough.
        nobodys = [Sought((row.message_id,), row) for row in rows if row.message_id and not whose[row.line]]
        self._match(nobodys, recorded.once(found), however_far=True)
        rest = [Sought(whose[row.line], row) for row in rows if not self.pairs.get(row.line)]
        self._match(rest, [Met((one.fact.person,), one.fact) for one in found], however_far=False)

    def _pair_shares(self, rows: Sequence[Row]) -> None:
        to = recorded.recipients(self.installation.ledger.company(), self.mapping, self.rows.good)
        persons = {person for row in rows for person in self.whose[row.line]}
        found = recorded.shares(self.people, to, self._reach(), persons)
        self.facts |= {one.fact.position: one.fact for one in found}
        keyed = [Sought(recorded.share_keys(self.people, row, self.whose[row.line]), row) for row in rows]
        self._match([one for one in keyed if one.row.reference is not None], found, however_far=True)
        self._match([one for one in keyed if one.row.reference is None], found, however_far=False)

    def _match(self, rows: Iterable[Sought], facts: Iterable[Met], *, however_far: bool) -> None:
        pairs = match(rows, facts, self.mapping.tolerance, taken=self.taken, however_far=however_far)
        for line, fact in pairs.items():
            self.pairs.setdefault(line, []).append(fact)

    def _not_recorded(self, row: Row) -> Discrepancy:
        persons = self.whose[row.line]
        if not persons:
            kind = "unknown_person" if row.names or row.reference is not None else "not_recorded"
            return Discrepancy(kind, row.line, None, None, row.at)
        found: list[tuple[str, str]] = []
        for person in persons:
            fact = parse_fact(hypothetical(self.mapping, row, f"id:{person}"))
            try:
                found += [(one.promise, one.code) for one in self.installation.ledger.ask(fact).findings]
            except UnknownCustomer:  # Erased since the names were looked up.
                return Discrepancy("unknown_person", row.line, None, None, row.at)
        promises = tuple(dict.fromkeys(promise for promise, _ in found if promise != NOT_REGISTERED))
        codes = tuple(dict.fromkeys(code for _, code in found))
        return Discrepancy("not_recorded", row.line, None, persons[0], row.at, would_break=promises, codes=codes)

    def _reach(self) -> Span:
        """Give the span in which a fact can lie that a row of the period is a record of."""
        low, high = self.period
        tolerance = self.mapping.tolerance
        return Span(
            low - tolerance if low - EARLIEST > tolerance else EARLIEST,
            high + tolerance if LATEST - high > tolerance else LATEST,
        )


def _period(rows: Rows, since: datetime | None, until: datetime | None) -> Span:
    """Give the period that is asked about; a bound that is not given is that of the rows."""
    times = [row.at for row in rows.good]
    if not times and since is None and until is None:
        return NEVER
    return Span(since or min(times, default=EARLIEST), until or max(times, default=LATEST))


def _as_guest(row: Row) -> Sequence[Subject]:
    """Give the name that a guest has by the order that a row is for."""
    if row.reference is None:
        return ()
    name = parse_subject(f"order:{row.reference}")
    assert isinstance(name, Subject), "a reference is no longer than a name can be"
    return (name,)
