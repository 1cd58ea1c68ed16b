"""What changed on the suppression list since a position, for a mail service that keeps a list of its own.

Start with an empty list at position 0, or with the list as of a position, and apply the changes after it in order: the
result is what is suppressed for each stream. Asking again from the position of an answer misses nothing and repeats
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from projections import people
from projections.at_least import settled
from projections.fragments import with_fragments
from projections.suppression_list.suppressed import Evidence
from projections.suppression_list.table import READS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.policy.judge import Judge
    from domain.vocabulary import Program
    from projections.as_of import AsOf
    from projections.projection import Connection

LISTED, LIFTED, ERASED = "listed", "lifted", "erased"
PAGE_EVENTS: Final = 1_000

_READ_UPTO: Final = "SELECT min(position) FROM projection_checkpoints WHERE projection = ANY (%(names)s::text[])"

# The events that can make a difference, each with the streams that it can: a row, a link, an erasure, and what binds a
# contact point. What people do beside that counts where they are out already, or something binds a contact point of
# theirs: what they ask for then lifts it, or, told late and for the second time, lets it stand again.
_TOUCHED: Final = with_fragments(
    """
WITH out_of AS (
    SELECT stream_id FROM suppression_list WHERE NOT lifts
    UNION
    SELECT stream_id FROM contact_points WHERE digest IN (SELECT digest FROM contact_bindings)
),
concerned AS (
    SELECT stream_id FROM out_of
    UNION
    SELECT unnest(link.others) FROM out_of JOIN people AS link ON link.stream_id = out_of.stream_id
)
SELECT DISTINCT position, stream_id, occurred_at, is_erasure
FROM (
    SELECT {touch}, false AS is_erasure
    FROM suppression_list
    WHERE {after} AND (NOT lifts OR stream_id IN (SELECT stream_id FROM concerned))
    UNION ALL
    SELECT {touch}, false FROM people WHERE {after}
    UNION ALL
    SELECT binding.position, point.stream_id,
        CASE WHEN binding.by_code = '' THEN binding.occurred_at
            ELSE (SELECT event.occurred_at FROM events AS event WHERE event.position = binding.position) END,
        false
    FROM contact_bindings AS binding
    JOIN contact_points AS point ON point.digest = binding.digest
    WHERE binding.{after}
    UNION ALL
    SELECT {touch}, false
    FROM events
    WHERE {after}
        AND (
            topic IN ('DataCollected.v1', 'ContactConfirmed.v1', 'EntryCorrected.v1', 'SuppressionEnded.v1')
            OR data ? 'contacts'
        )
        AND stream_id IN (SELECT stream_id FROM concerned)
    UNION ALL
    SELECT {touch}, true FROM events WHERE {is_erasure} AND {after}
) AS touched
WHERE {as_of}
ORDER BY position
FETCH FIRST %(limit)s ROWS WITH TIES
""",
    touch="position, stream_id, occurred_at",
)


class SuppressionChange(NamedTuple):
    """What one event changed for one stream: `state` is listed, lifted, or erased.

    erased: forget everything that is kept under this stream's id; `suppressed` is None. `at` and `by` are the start of
    the suppression, or its end: its time, and the position of the event. An entry can be listed again, with others.
    """

    position: int
    stream: UUID
    state: str
    suppressed: str | None
    at: datetime
    by: int


class SuppressionChanges(NamedTuple):
    """Changes in the order of the log; ask for more after `position`, at once unless `is_all`."""

    changes: tuple[SuppressionChange, ...]
    position: int
    is_all: bool


class _Touch(NamedTuple):
    """An event that can have made a difference."""

    position: int
    stream: UUID
    at: datetime
    is_erasure: bool


def changes(  # noqa: PLR0913 - a page of changes, as of a moment
    connection: Connection,
    judge: Judge,
    program: Program | None = None,
    *,
    after: int,
    limit: int = PAGE_EVENTS,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> SuppressionChanges:
    """Return the next changes of a program, or of all, that up to `limit` events made. A page is empty only at the end.

    An erasure is a change of every program. As of a time, the changes are those of the list as of that time. Raises
    `NotYetWritten` for a position that the log does not have yet.
    """
    looked_at = limit
    while True:
        page = _looked_up(connection, judge, after, looked_at, as_of, at_least)
        found = tuple(one for one in page.changes if program is None or one.suppressed in {None, program})
        made_by = list(dict.fromkeys(one.position for one in found))
        if len(made_by) > limit:
            last = made_by[limit - 1]
            return SuppressionChanges(tuple(one for one in found if one.position <= last), last, is_all=False)
        if found or page.is_all:
            return page._replace(changes=found)
        # None of these events changed anything for the program: look further, at more events at once.
        after, looked_at = page.position, max(limit, PAGE_EVENTS)


def _looked_up(  # noqa: PLR0913, PLR0917 - as for changes
    connection: Connection, judge: Judge, after: int, limit: int, as_of: AsOf, at_least: int | None
) -> SuppressionChanges:
    """Return the changes that the next `limit` events made."""
    # A caller that is further than the log has another ledger's position, or one from before a restore.
    known = max(after, at_least or 0)
    limits: dict[str, Any] = {**settled(connection, READS, as_of, known), "after": after, "limit": limit}
    names = [projection.name for projection in READS]
    ((read,),) = connection.execute(_READ_UPTO, {"names": names}).fetchall()
    upto = read if limits["position"] is None else min(limits["position"], read)
    limits["position"] = upto
    touched = [_Touch._make(row) for row in connection.execute(_TOUCHED, limits).fetchall()]
    # A stream that was parted from another one by then was one person's with it before.
    streams = people.ever_linked(connection, [touch.stream for touch in touched], upto)
    evidence = Evidence(connection, judge, streams, limits)
    found = tuple(change for touch in touched for change in _differences(evidence, touch))
    is_all = len(touched) < limit
    return SuppressionChanges(found, max(after, upto) if is_all else touched[-1].position, is_all)


def _differences(evidence: Evidence, touch: _Touch) -> Iterator[SuppressionChange]:
    position = touch.position
    if touch.is_erasure:
        yield SuppressionChange(position, touch.stream, ERASED, None, touch.at, position)
        return
    concerned = {*evidence.streams(touch.stream, position - 1), *evidence.streams(touch.stream, position)}
    for stream in sorted(concerned):
        before, now = evidence.suppressed(stream, position - 1), evidence.suppressed(stream, position)
        for suppressed in sorted(before.keys() | now.keys()):
            if suppressed not in now:
                yield SuppressionChange(position, stream, LIFTED, suppressed, touch.at, position)
            elif now[suppressed] != before.get(suppressed):
                yield SuppressionChange(
                    position, stream, LISTED, suppressed, now[suppressed].at, now[suppressed].position
                )
