"""Activity counts: how much was done, by activity, by promise and by day.

An activity is a type of event with its detail: the event's act, purpose, cause, way out or program, if it has one. A
promise is counted once for each event that breaks it, or that a legal order excuses from it, as found when the event
was appended. Days are days of UTC.

The counts are exact as of any position or time. Events are counted in buckets of 4,096 positions, by day; the bucket or
day that a question cuts through is counted from the log itself. No row is about a person, so the events of erased
people, of visitors and of the company count too.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from projections.at_least import settled
from projections.fragments import with_fragments
from projections.projection import Projection

if TYPE_CHECKING:
    from datetime import date

    from projections.as_of import PositionOrTime
    from projections.projection import Connection

BROKEN, EXCUSED = "broken", "excused"

_OWN: Final = {
    "detail": "coalesce(data ->> 'act', data ->> 'purpose', data ->> 'cause', data ->> 'via', data ->> 'program', '')",
    # The promises that an event broke, or was excused from, each once.
    "found": """CROSS JOIN LATERAL (
        SELECT DISTINCT
            finding ->> 'promise' AS promise,
            CASE WHEN {is_excused} THEN 'excused' ELSE 'broken' END AS verdict
        FROM {each_finding}
    ) AS found""",
}

PROJECTION: Final = Projection(
    name="activity_counts",
    tables="""
CREATE TABLE IF NOT EXISTS {table} (
    bucket bigint NOT NULL,
    day date NOT NULL,
    topic text NOT NULL,
    detail text NOT NULL,
    promise text NOT NULL,
    verdict text NOT NULL,
    events bigint NOT NULL,
    PRIMARY KEY (bucket, day, topic, detail, promise, verdict)
)
""",
    # The row of an activity itself has an empty promise and verdict.
    statement=with_fragments(
        """
INSERT INTO {table} AS total (bucket, day, topic, detail, promise, verdict, events)
SELECT (position - 1) / 4096, (occurred_at AT TIME ZONE 'UTC')::date, topic, detail, promise, verdict, count(*)
FROM (
    SELECT position, occurred_at, topic, '' AS promise, '' AS verdict, {detail} AS detail
    FROM events
    WHERE {window}
    UNION ALL
    SELECT position, occurred_at, topic, found.promise, found.verdict, {detail}
    FROM events AS event
    {found}
    WHERE {window} AND data ? 'findings'
) AS counted
GROUP BY 1, 2, topic, detail, promise, verdict
ON CONFLICT (bucket, day, topic, detail, promise, verdict) DO UPDATE SET events = total.events + excluded.events
""",
        **_OWN,
    ),
    purge=None,
)

READS: Final = (PROJECTION,)
"""The read models that answer its questions."""

# Whole buckets below a position, or whole days before a time, are counted already. The position's own bucket, or the
# time's own day in the buckets that have it, is counted from the log, as far as the read model has read it.
_COUNTED: Final = with_fragments(
    """
WITH known AS (
    SELECT least(%(position)s::bigint, position) AS position
    FROM projection_checkpoints
    WHERE projection = 'activity_counts'
),
edge AS (
    SELECT (position - 1) / 4096 AS bucket FROM known WHERE %(position)s::bigint IS NOT NULL
    UNION
    SELECT bucket FROM activity_counts WHERE day = (%(time)s::timestamptz AT TIME ZONE 'UTC')::date
),
event AS (
    SELECT
        (events.occurred_at AT TIME ZONE 'UTC')::date AS day, events.topic, events.data, {detail} AS detail
    FROM known
    CROSS JOIN edge
    JOIN events ON events.position > edge.bucket * 4096
        AND events.position <= least((edge.bucket + 1) * 4096, known.position)
        AND events.occurred_at >= coalesce(date_trunc('day', %(time)s::timestamptz, 'UTC'), '-infinity')
        AND events.occurred_at <= coalesce(%(time)s::timestamptz, 'infinity')
),
part AS (
    SELECT total.day, total.topic, total.detail, total.promise, total.verdict, total.events
    FROM known
    CROSS JOIN activity_counts AS total
    WHERE (%(position)s::bigint IS NULL OR total.bucket < (known.position - 1) / 4096)
        AND total.day < coalesce((%(time)s::timestamptz AT TIME ZONE 'UTC')::date, 'infinity')
    UNION ALL
    SELECT day, topic, detail, '', '', 1 FROM event
    UNION ALL
    SELECT day, topic, detail, found.promise, found.verdict, 1
    FROM event
    {found}
)
SELECT
    CASE WHEN %(each_day)s THEN day END, topic, detail, promise, verdict, sum(events)::bigint, min(day), max(day)
FROM part
GROUP BY 1, topic, detail, promise, verdict
""",
    **_OWN,
)


class ActivityCount(NamedTuple):
    """How often one activity was done, and on which days first and last."""

    event: str
    """The event's type without its version, such as DataShared."""
    detail: str
    """The act, purpose, cause, way out or program; empty where the event has none."""
    events: int
    first: date
    last: date


class PromiseCount(NamedTuple):
    """How often one promise was broken or excused, on which days first and last, and by which activities."""

    promise: str
    broken: int
    excused: int
    first: date
    last: date
    activities: tuple[ActivityCount, ...]


class DayCount(NamedTuple):
    """How many events one day has, and how often an event of it broke a promise or was excused from one."""

    day: date
    events: int
    broken: int
    excused: int


class _Part(NamedTuple):
    day: date | None
    topic: str
    detail: str
    promise: str
    verdict: str
    events: int
    first: date
    last: date


def by_activity(
    connection: Connection, *, as_of: PositionOrTime = None, at_least: int | None = None
) -> tuple[ActivityCount, ...]:
    """Count each activity, by type and detail."""
    parts = _counted(connection, as_of, at_least)
    return _activities([part for part in parts if not part.promise])


def by_promise(
    connection: Connection, *, as_of: PositionOrTime = None, at_least: int | None = None
) -> tuple[PromiseCount, ...]:
    """Count the events that broke each promise, or were excused from it, by the promise's id."""
    found: dict[str, list[_Part]] = defaultdict(list)
    for part in _counted(connection, as_of, at_least):
        if part.promise:
            found[part.promise].append(part)
    return tuple(
        PromiseCount(
            promise,
            _sum(parts, BROKEN),
            _sum(parts, EXCUSED),
            min(part.first for part in parts),
            max(part.last for part in parts),
            _activities(parts),
        )
        for promise, parts in sorted(found.items())
    )


def by_day(
    connection: Connection, *, as_of: PositionOrTime = None, at_least: int | None = None
) -> tuple[DayCount, ...]:
    """Count the events of each day that has any, in order."""
    days: dict[date, list[_Part]] = defaultdict(list)
    for part in _counted(connection, as_of, at_least, each_day=True):
        days[part.first].append(part)
    return tuple(
        DayCount(day, _sum(parts, ""), _sum(parts, BROKEN), _sum(parts, EXCUSED)) for day, parts in sorted(days.items())
    )


def _counted(
    connection: Connection, as_of: PositionOrTime, at_least: int | None, *, each_day: bool = False
) -> list[_Part]:
    limits: dict[str, Any] = {**settled(connection, READS, as_of, at_least), "each_day": each_day}
    return [_Part._make(row) for row in connection.execute(_COUNTED, limits).fetchall()]


def _sum(parts: list[_Part], verdict: str) -> int:
    return sum(part.events for part in parts if part.verdict == verdict)


def _activities(parts: list[_Part]) -> tuple[ActivityCount, ...]:
    """Add up what differs only in its verdict or in the version of its type."""
    same: dict[tuple[str, str], list[_Part]] = defaultdict(list)
    for part in parts:
        same[part.topic.partition(".")[0], part.detail].append(part)
    return tuple(
        ActivityCount(
            event,
            detail,
            sum(part.events for part in alike),
            min(part.first for part in alike),
            max(part.last for part in alike),
        )
        for (event, detail), alike in sorted(same.items())
    )
