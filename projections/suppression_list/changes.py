"""What changed on the suppression list since a position: what a mail service asks for to keep a list of its own.

Promise: whoever begins with nothing after position 0, or with the list as of a position after that one, and applies the
changes in order, has for each stream what it is owed. Asking again from the position that an answer gives misses
nothing and repeats nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from projections import people
from projections.at_least import settled
from projections.suppression_list.owed import Evidence
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

# What can make a difference: a row, a link, an erasure. An enrollment lifts nothing where nobody has opted out.
_TOUCHED: Final = """
SELECT position, stream_id, occurred_at, source || ' ' || fact_id, is_erasure
FROM (
    SELECT position, stream_id, occurred_at, source, fact_id, false AS is_erasure
    FROM suppression_list AS owed
    WHERE position > %(after)s
        AND (
            NOT lifts
            OR EXISTS (
                SELECT 1 FROM suppression_list AS opt_out
                WHERE NOT opt_out.lifts
                    AND opt_out.stream_id = ANY (ARRAY(
                        SELECT owed.stream_id
                        UNION ALL
                        SELECT unnest(link.others) FROM people AS link WHERE link.stream_id = owed.stream_id
                    ))
            )
        )
    UNION ALL
    SELECT position, stream_id, occurred_at, source, fact_id, false FROM people WHERE position > %(after)s
    UNION ALL
    SELECT position, stream_id, occurred_at, source, fact_id, true FROM events
    WHERE topic = 'CustomerErased.v1' AND position > %(after)s
) AS touched
WHERE position <= %(position)s AND occurred_at <= coalesce(%(time)s::timestamptz, 'infinity')
ORDER BY position
LIMIT %(limit)s
"""


class Change(NamedTuple):
    """What one event changed for one stream: listed, lifted, or erased.

    `erased`: whoever keeps anything under this id is to forget it, all of it; `owed` is None. `at` and `fact` say since
    when and by which fact it is owed, or else when and by which fact that ended. What is listed already can be listed
    again, with another time and fact.
    """

    position: int
    stream: UUID
    state: str
    owed: str | None
    at: datetime
    fact: str


class Changes(NamedTuple):
    """Changes in the order of the log; `position` is where to go on from, and `is_all`: for now there are no more."""

    changes: tuple[Change, ...]
    position: int
    is_all: bool


class _Touch(NamedTuple):
    """An event that can have made a difference."""

    position: int
    stream: UUID
    at: datetime
    fact: str
    is_erasure: bool


def changes(  # noqa: PLR0913 - a page of changes, as of a moment
    connection: Connection,
    judge: Judge,
    *,
    after: int,
    limit: int = PAGE_EVENTS,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> Changes:
    """Give what changed after a position, in the order of the log; it looks at `limit` events at most.

    As of a time, the changes are those of the list as of that time. Raises `NotYetWritten` for a position that the log
    does not have yet.
    """
    # Whoever is further than the log is with another ledger, or with one that was restored, and would miss what comes.
    known = max(after, at_least or 0)
    limits: dict[str, Any] = {**settled(connection, READS, as_of, known), "after": after, "limit": limit}
    names = [projection.name for projection in READS]
    ((read,),) = connection.execute(_READ_UPTO, {"names": names}).fetchall()
    upto = read if limits["position"] is None else min(limits["position"], read)
    limits["position"] = upto
    touched = [_Touch._make(row) for row in connection.execute(_TOUCHED, limits).fetchall()]
    streams = people.streams_of_all(connection, [touch.stream for touch in touched], as_of=upto)
    evidence = Evidence(connection, judge, streams, limits)
    found = tuple(change for touch in touched for change in _differences(evidence, touch))
    is_all = len(touched) < limit
    return Changes(found, max(after, upto) if is_all else touched[-1].position, is_all)


def changes_of(  # noqa: PLR0913 - as for changes
    connection: Connection,
    judge: Judge,
    program: Program | None,
    *,
    after: int,
    limit: int,
    as_of: AsOf = None,
    at_least: int | None = None,
) -> Changes:
    """Give the next changes of a program, or of all: those that `limit` events made at most, none only at the end.

    An erasure is a change of every program.
    """
    looked_at = limit
    while True:
        page = changes(connection, judge, after=after, limit=looked_at, as_of=as_of, at_least=at_least)
        found = [one for one in page.changes if program is None or one.owed is None or one.owed == program]
        made_by = list(dict.fromkeys(one.position for one in found))
        if len(made_by) > limit:
            last = made_by[limit - 1]
            return Changes(tuple(one for one in found if one.position <= last), last, is_all=False)
        if found or page.is_all:
            return page._replace(changes=tuple(found))
        # Whatever these events did, it was not asked about: look further on, and faster.
        after, looked_at = page.position, max(limit, PAGE_EVENTS)


def _differences(evidence: Evidence, touch: _Touch) -> Iterator[Change]:
    position = touch.position
    if touch.is_erasure:
        yield Change(position, touch.stream, ERASED, None, touch.at, touch.fact)
        return
    for stream in evidence.streams(touch.stream, position):
        before, now = evidence.owed(stream, position - 1), evidence.owed(stream, position)
        for owed in sorted(before.keys() | now.keys()):
            if owed not in now:
                yield Change(position, stream, LIFTED, owed, touch.at, touch.fact)
            elif now[owed] != before.get(owed):
                yield Change(position, stream, LISTED, owed, now[owed].at, now[owed].fact)
