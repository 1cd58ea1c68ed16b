"""What is suppressed for a stream, as the judge says from the rows of the table.

The answer is what `Judge.opted_out` gives for the record of the stream's person, at the end of the log or at any
position before. The rows of many streams are read at once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.events import Moment
from domain.records.customer import LAST, Customer
from domain.records.entries import ENROLLED, OPTED_OUT, Change, Held
from domain.vocabulary import Act, Program
from projections.fragments import with_fragments
from projections.suppression_list.table import UNDER_AGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.policy.judge import Judge
    from projections.projection import Connection

_LINKS: Final = with_fragments("""
SELECT stream_id, position, others FROM people
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
""")

_ROWS: Final = with_fragments("""
SELECT position, stream_id, suppressed, lifts, because_of, relies_on, occurred_at
FROM suppression_list
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY occurred_at, position
""")

_CITED: Final = with_fragments("""
SELECT position, stream_id, act, occurred_at FROM holdings
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
    AND what = 'collection'
    AND position = ANY (%(positions)s::bigint[])
""")


class Suppression(NamedTuple):
    """One entry of the list: a person is out of a program, or is under age."""

    person: UUID
    streams: tuple[UUID, ...]
    suppressed: str
    """The program, or under_13."""
    since: datetime
    because_of: str
    """The way by which the person left, age_learned, or suppression_list for what outlived an erasure."""
    by: int
    """The position of the event behind it; of several opt-outs, the one that began the present state."""


class SuppressionRow(NamedTuple):
    """One row of the table."""

    position: int
    stream: UUID
    suppressed: str
    lifts: bool
    because_of: str
    relies_on: list[int]
    at: datetime


class Evidence:
    """What the judge needs to know about some streams, within `limits`, the bounds of a question."""

    def __init__(
        self, connection: Connection, judge: Judge, streams: Iterable[UUID], limits: Mapping[str, Any]
    ) -> None:
        wanted = {**limits, "streams": list(streams)}
        self._judge = judge
        self._links: dict[UUID, list[tuple[int, list[UUID]]]] = defaultdict(list)
        for stream, position, others in connection.execute(_LINKS, wanted).fetchall():
            self._links[stream].append((position, others))
        self._rows: dict[UUID, list[SuppressionRow]] = defaultdict(list)
        rows = [SuppressionRow._make(row) for row in connection.execute(_ROWS, wanted).fetchall()]
        for row in rows:
            self._rows[row.stream].append(row)
        positions = [position for row in rows for position in row.relies_on]
        cited = connection.execute(_CITED, {**wanted, "positions": positions}).fetchall() if positions else []
        self._cited = {
            position: (stream, Held(Moment(at, position), Act(act), "", (), ())) for position, stream, act, at in cited
        }

    def streams(self, stream: UUID, upto: int) -> list[UUID]:
        """Return all streams of the person whose stream this was at a position, in ascending order."""
        linked = (others for position, others in self._links[stream] if position <= upto)
        return sorted({stream, *(other for others in linked for other in others)})

    def suppressions(self, stream: UUID) -> list[Suppression]:
        """Return the entries of the person whose stream this is, at the end of the log."""
        streams = tuple(self.streams(stream, LAST.position))
        found = sorted(self.suppressed(stream, LAST.position).items())
        return [Suppression(streams[0], streams, name, row.at, row.because_of, row.position) for name, row in found]

    def suppressed(self, stream: UUID, upto: int) -> dict[str, SuppressionRow]:
        """Return what was suppressed at a position, by program or age, each with the row behind it."""
        streams = self.streams(stream, upto)
        rows = [row for own in streams for row in self._rows[own] if row.position <= upto]
        rows.sort(key=lambda row: (row.at, row.position))
        found = {row.suppressed: row for row in reversed(rows) if row.suppressed == UNDER_AGE}
        changes = [row for row in rows if row.suppressed != UNDER_AGE]
        customer = self._customer(streams, changes)
        by_position = {row.position: row for row in changes}
        for program in Program:
            opted_out = self._judge.opted_out(customer, program, LAST)
            if opted_out is not None:
                found[program.value] = by_position[opted_out.moment.position]
        return found

    def _customer(self, streams: Sequence[UUID], changes: Iterable[SuppressionRow]) -> Customer:
        """Return the part of a person's record that the judge reads, from the streams that are linked by then."""
        customer = Customer(person=streams[0])
        for row in changes:
            moment, state = Moment(row.at, row.position), ENROLLED if row.lifts else OPTED_OUT
            change = Change(moment, state, None, None, lawful=True, relies_on=tuple(row.relies_on))
            customer.programs[Program(row.suppressed)].append(change)
            for position in row.relies_on:
                own, held = self._cited.get(position, (None, None))
                if held is not None and own in streams:
                    customer.by_position[position] = held
        return customer
