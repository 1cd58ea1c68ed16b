"""Subscriptions (table `subscriptions`): who is enrolled in which program, and every change of it with its cause.

The state at a moment is the last change by world time, ties by position, among the changes that `as_of` lets in: a fact
that arrives late does not override one that happened after it. Streams that are linked at that moment are read, and
counted, as one person. Unlawful changes are shown too; `broken` names the promises that a change broke, as found when
it was appended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.vocabulary import Program
from projections import people
from projections.at_least import settled
from projections.fragments import with_fragments
from projections.projection import Projection

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from projections.as_of import AsOf
    from projections.projection import Connection

ENROLLED, OPTED_OUT, ENDED = "enrolled", "opted_out", "ended"

PROJECTION: Final = Projection(
    name="subscriptions",
    tables="""
CREATE TABLE IF NOT EXISTS {table} (
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    program text NOT NULL,
    state text NOT NULL,
    cause text,
    via text,
    occurred_at timestamptz NOT NULL,
    broken text[] NOT NULL,
    PRIMARY KEY (stream_id, position)
)
""",
    statement="""
INSERT INTO {table} (position, stream_id, program, state, cause, via, occurred_at, broken)
SELECT
    event.position,
    event.stream_id,
    event.data ->> 'program',
    CASE event.topic
        WHEN 'CustomerEnrolled.v1' THEN 'enrolled'
        WHEN 'EnrollmentEnded.v1' THEN 'ended'
        ELSE 'opted_out'
    END,
    event.data ->> 'cause',
    CASE event.topic WHEN 'SuppressionRecalled.v1' THEN 'suppression_list' ELSE event.data ->> 'via' END,
    event.occurred_at,
    {broken}
FROM events AS event
WHERE {window}
    AND event.topic IN ('CustomerEnrolled.v1', 'CustomerOptedOut.v1', 'EnrollmentEnded.v1', 'SuppressionRecalled.v1')
    AND event.data ? 'program'
    AND {not_erased}
""",
)

READS: Final = (people.PROJECTION, PROJECTION)
"""The read models that answer its questions."""

_OF: Final = with_fragments("""
SELECT position, stream_id, program, state, cause, via, occurred_at, broken
FROM subscriptions
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND {as_of}
ORDER BY occurred_at, state <> 'enrolled', position
""")

_COUNTS: Final = with_fragments("""
WITH {persons},
latest AS (
    SELECT DISTINCT ON (coalesce(persons.person_id, change.stream_id), change.program) change.program, change.state
    FROM subscriptions AS change
    LEFT JOIN persons ON persons.stream_id = change.stream_id
    WHERE {as_of}
    ORDER BY
        coalesce(persons.person_id, change.stream_id),
        change.program,
        change.occurred_at DESC,
        change.state <> 'enrolled' DESC,
        change.position DESC
)
SELECT program, state, count(*) FROM latest WHERE state <> 'ended' GROUP BY program, state
""")


class SubscriptionChange(NamedTuple):
    """A change of one subscription; `state` is enrolled, opted_out or ended."""

    position: int
    stream: UUID
    program: str
    state: str
    cause: str | None
    """Why the person was enrolled (`purchase`, `contest_entry`, …); None for the other states."""
    via: str | None
    """Which way the person left (`unsubscribe_link`, `portal`, …); None for the other states."""
    at: datetime
    broken: tuple[str, ...]
    """The promises that this change broke, without the excused ones."""

    @property
    def why(self) -> str:
        """One code for what made the change: the cause, the way out, or that the order behind it was cancelled."""
        return self.cause or self.via or "order_cancelled"

    @property
    def lawful(self) -> bool:
        """Whether the change broke no promise."""
        return not self.broken


def current(
    connection: Connection, streams: Iterable[UUID], *, as_of: AsOf = None, at_least: int | None = None
) -> dict[str, SubscriptionChange]:
    """Return the last change of each program that the person was ever in or opted out of, by the program's name."""
    return {change.program: change for change in of(connection, streams, as_of=as_of, at_least=at_least)}


def of(
    connection: Connection, streams: Iterable[UUID], *, as_of: AsOf = None, at_least: int | None = None
) -> tuple[SubscriptionChange, ...]:
    """Return every change of the person's subscriptions, in order of world time."""
    rows = connection.execute(_OF, people.bounds_of(connection, READS, streams, as_of, at_least)).fetchall()
    return tuple(SubscriptionChange._make((*row[:7], tuple(row[7]))) for row in rows)


def counts(connection: Connection, *, as_of: AsOf = None, at_least: int | None = None) -> dict[str, dict[str, int]]:
    """Count persons by program and by what happened to them last, whatever they are owed (`suppression_list`).

    A person whose enrollment ended with its order is in neither count.
    """
    limits = settled(connection, READS, as_of, at_least)
    counted = {program.value: {ENROLLED: 0, OPTED_OUT: 0} for program in Program}
    for program, state, persons in connection.execute(_COUNTS, {**limits}).fetchall():
        counted[program][state] = persons
    return counted
