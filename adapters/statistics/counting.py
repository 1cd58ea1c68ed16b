"""Count a ledger's people, or browsers, by some dimensions.

The log is read stream by stream, and one person is held at a time. A value is opened only where a dimension needs it (a
gender); it becomes a code at once, and is in no log and no error. Linked streams are one person. People who have been
erased are not counted any more, as of any moment. Nothing is written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.ledger.linked_streams import linked_groups
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.events import TOPICS, VISITOR, customer
from domain.events.suppressions import SuppressionRecalled
from domain.statistics.dimensions import ALWAYS, Counted, CountedBrowser, CountedPerson, Dimension, Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from adapters.keys.keyring import Keyring
    from domain.events import Event

_ROWS_AT_ONCE: Final = 2_000
_GROUPS_AT_ONCE: Final = 1_000
_ABOUT_PERSONS: Final = tuple(
    one.topic
    for one in (
        *(customer.DataCollected, customer.DataCorrected, customer.EntryCorrected, customer.CustomerEnrolled),
        *(customer.EnrollmentEnded, customer.CustomerOptedOut, SuppressionRecalled),
    )
)
_ABOUT_VISITORS: Final = tuple(topic for topic, one in TOPICS.items() if one.stream_kind == VISITOR)

Values = tuple[str | None, ...]
"""The values of one person or browser, by dimension; None: the value was sealed, and the person is erased."""


@dataclass(frozen=True, slots=True)
class CountQuery:
    """What to count: persons or browsers, by which dimensions, active in which period, as of which position."""

    of: Counted
    by: tuple[Dimension, ...]
    position: int
    period: Period = ALWAYS
    time: datetime | None = None
    """Only what had happened by then; None: all that the log holds at the position."""
    released_at: int | None = None
    """The position of a release that is counted again: people who were erased after it were counted in it."""


@dataclass(slots=True)
class Counts:
    """How many have the same values; `unsure` counts those who may have been erased just before or just after."""

    sure: Counter[Values] = field(default_factory=Counter)
    unsure: Counter[Values] = field(default_factory=Counter)


class _Row(NamedTuple):
    stream: UUID
    event: Event
    erased_at: int | None


def count(connection: psycopg.Connection[Any], keyring: Keyring, question: CountQuery) -> Counts:
    """Count everybody, each once."""
    work = _Work(connection, keyring, question)
    if question.of is Counted.VISITORS:
        work.browsers()
    else:
        work.persons()
    return work.tally


class _Work:
    """One count under way."""

    def __init__(self, connection: psycopg.Connection[Any], keyring: Keyring, question: CountQuery) -> None:
        self.connection = connection
        self.keyring = keyring
        self.question = question
        self.opens = any(one.opens for one in question.by)
        self.tally = Counts()

    def browsers(self) -> None:
        for _, rows in groupby(self._rows(_ABOUT_VISITORS), key=lambda row: row.stream):
            browser = CountedBrowser()
            for row in rows:
                browser.take(row.event)
            if seen := browser.within(self.question.period):
                self.tally.sure[tuple(one.of_browser(browser, seen) for one in self.question.by if one.of_browser)] += 1

    def persons(self) -> None:
        bounds = {"position": self.question.position, "time": self.question.time}
        linked = linked_groups(self.connection, bounds)
        for stream, rows in groupby(self._rows(_ABOUT_PERSONS), key=lambda row: row.stream):
            if stream not in linked:
                person, erased_at = CountedPerson(), None
                for row in rows:
                    person.take(row.event)
                    erased_at = row.erased_at
                self._add(person, erased_at)
        groups = sorted(set(linked.values()))
        for start in range(0, len(groups), _GROUPS_AT_ONCE):
            self._groups(linked, groups[start : start + _GROUPS_AT_ONCE])

    def _groups(self, linked: Mapping[UUID, tuple[UUID, ...]], groups: Iterable[tuple[UUID, ...]]) -> None:
        people: dict[tuple[UUID, ...], CountedPerson] = defaultdict(CountedPerson)
        erased: dict[tuple[UUID, ...], int | None] = {}
        for row in self._rows(_ABOUT_PERSONS, [stream for group in groups for stream in group]):
            group = linked[row.stream]
            people[group].take(row.event)
            erased[group] = row.erased_at if row.erased_at is not None else erased.get(group)
        for group, person in people.items():
            self._add(person, erased[group])

    def _add(self, person: CountedPerson, erased_at: int | None) -> None:
        question = self.question
        given = person.within(question.period)
        if not given:
            return
        if erased_at is None:
            self.tally.sure[tuple(one.of_person(person, given) for one in question.by if one.of_person)] += 1
        elif question.released_at is not None and erased_at > question.position:
            values = tuple(None if one.opens else one.of_person(person, given) for one in question.by if one.of_person)
            (self.tally.sure if erased_at > question.released_at else self.tally.unsure)[values] += 1

    def _rows(self, topics: Sequence[str], streams: Sequence[UUID] | None = None) -> Iterator[_Row]:
        """Yield events, stream by stream, without holding more than a page of them."""
        wanted = {
            "topics": list(topics),
            "position": self.question.position,
            "time": self.question.time,
            "streams": None if streams is None else list(streams),
            "opens": self.opens,
        }
        with self.connection.transaction(), self.connection.cursor(name="statistics") as cursor:
            cursor.execute(query("statistics_events"), wanted)
            while page := cursor.fetchmany(_ROWS_AT_ONCE):
                rows = [(EventRow._make(row[:-1]), row[-1]) for row in page]
                keys = self._keys({row.stream_id for row, _ in rows if row.sealed is not None})
                for row, erased_at in rows:
                    yield _Row(row.stream_id, to_event(row, keys.get(row.stream_id)), erased_at)

    def _keys(self, streams: set[UUID]) -> dict[UUID, bytes]:
        if not streams:
            return {}
        found = self.connection.execute(query("stream_keys"), {"streams": list(streams)}).fetchall()
        return {stream: self.keyring.data_key(stream, wrapped) for stream, wrapped in found}
