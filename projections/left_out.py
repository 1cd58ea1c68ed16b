"""Which answers to requests left out other records with the person's addresses, and which the erased never got.

A record that was left out counts until it is settled: once it is erased, or once somebody said that it is another
person's (`domain.elsewhere`). This is read from the log itself: an erasure leaves no row in a read model, and such
answers are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from domain.events.customer import AccessReportIssued
from domain.events.links import CustomersUnlinked
from projections.fragments import with_fragments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from domain.events import Event
    from projections.projection import Connection

_REPORTS: Final = with_fragments("""
SELECT position, ARRAY[stream_id], data -> 'elsewhere', NULL::bigint
FROM events
WHERE position = ANY (%(positions)s::bigint[]) AND topic = 'AccessReportIssued.v1' AND data ? 'elsewhere'
""")
# The requests of the erased: those that an erasure answers but for other records, and those that it left unanswered.
_OF_ERASED: Final = with_fragments("""
WITH first AS (
    SELECT event.position, event.part, event.occurred_at, event.data
    FROM events AS event
    WHERE event.{is_erasure} AND (event.data ? 'unanswered' OR event.data ?& ARRAY['asked', 'elsewhere']) AND {as_of}
)
SELECT
    first.position, person.streams, coalesce(first.data -> 'elsewhere', '[]'), person.last, first.occurred_at,
    one.is_unanswered, asked.position, asked.topic, asked.data ->> 'category', asked.occurred_at,
    asked.data ->> 'request_code'
FROM first
CROSS JOIN LATERAL (
    SELECT array_agg(part.stream_id) AS streams, max(part.position) AS last
    FROM events AS part
    WHERE part.{is_erasure} AND part.position >= first.position
        AND part.position - part.part = first.position - first.part
) AS person
CROSS JOIN LATERAL (
    SELECT place::bigint, false FROM jsonb_array_elements_text(first.data -> 'asked') AS place
    WHERE first.data ? 'elsewhere'
    UNION ALL
    SELECT place::bigint, true FROM jsonb_array_elements_text(first.data -> 'unanswered') AS place
) AS one (place, is_unanswered)
CROSS JOIN LATERAL (
    SELECT position, topic, data, occurred_at FROM events
    WHERE position = one.place AND {as_of}
) AS asked
ORDER BY first.position, asked.position
""")
_KINDS: Final = {
    "AccessRequested.v1": "access",
    "CorrectionRequested.v1": "correction",
    "ErasureRequested.v1": "erasure",
}
_SETTLING: Final = with_fragments("""
SELECT stream_id, topic, data -> 'others', (data ->> 'erased')::bigint
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND topic IN ('LinkRejected.v1', 'CustomersUnlinked.v1', 'CustomerErased.v1')
    AND NOT data ? 'by_erasure'
    AND {as_of}
""")


class OfErased(NamedTuple):
    """A request of an erased person that has no whole answer, and where and when the person was erased.

    One that `is_unanswered` never gets one: nobody had asked for the erasure. Any other was answered by it, but for
    the streams `elsewhere`, which it left out and which are not settled.
    """

    person: UUID
    kind: str
    category: str | None
    request_code: str
    asked_at: datetime
    asked_by: int
    erased_by: int
    erased_at: datetime
    is_unanswered: bool
    elsewhere: tuple[UUID, ...] = ()


class _Answer(NamedTuple):
    position: int
    streams: list[UUID]
    elsewhere: list[str]
    erased_by: int | None


def reports(connection: Connection, positions: Sequence[int], limits: Mapping[str, Any]) -> dict[int, tuple[UUID, ...]]:
    """Return the streams that reports left out and that are not settled, by the position of the report."""
    if not positions:
        return {}
    rows = connection.execute(_REPORTS, {"positions": list(positions)}).fetchall()
    return _unsettled(connection, [_Answer._make(row) for row in rows], limits)


def left_open(connection: Connection, events: Iterable[Event], limits: Mapping[str, Any]) -> set[int]:
    """Return where those of a person's reports stand, told or passed on, that left out what is not settled."""
    given: list[int] = []
    for event in events:
        if isinstance(event, AccessReportIssued) and event.elsewhere:
            given.append(event.moment.position)
        elif isinstance(event, CustomersUnlinked):
            told = zip(event.answers, event.answered_by, strict=True)
            given += [place for past, place in told if past.what == "report"]
    return {place for place, left in reports(connection, given, limits).items() if left}


def of_erased(connection: Connection, limits: Mapping[str, Any]) -> list[OfErased]:
    """Return the requests of the erased that have no whole answer."""
    rows = connection.execute(_OF_ERASED, limits).fetchall()
    left = _unsettled(connection, [_Answer._make(row[:4]) for row in rows if not row[5]], limits)
    found = []
    for first, streams, _, last, erased_at, is_unanswered, position, topic, category, asked_at, code in rows:
        elsewhere = () if is_unanswered else left[first]
        if is_unanswered or elsewhere:
            asked = (min(streams, key=str), _KINDS[topic], category, code, asked_at, position)
            found.append(OfErased(*asked, last, erased_at, is_unanswered, elsewhere))
    return found


def _unsettled(
    connection: Connection, answers: Iterable[_Answer], limits: Mapping[str, Any]
) -> dict[int, tuple[UUID, ...]]:
    answers = list(answers)
    wanted = {UUID(one) for answer in answers for one in answer.elsewhere}
    wanted |= {one for answer in answers for one in answer.streams}
    if not answers:
        return {}
    rows = connection.execute(_SETTLING, {"streams": list(wanted), **limits}).fetchall()
    erased = {stream for stream, topic, *_ in rows if topic == "CustomerErased.v1"}
    rejections = [row for row in rows if row[1] != "CustomerErased.v1"]
    apart = [(stream, set(map(UUID, others or ())), by) for stream, _, others, by in rejections]

    def is_settled(other: UUID, answer: _Answer) -> bool:
        own = set(answer.streams)
        return other in erased or any(
            (stream == other and (own & others or (by is not None and by == answer.erased_by)))
            or (stream in own and other in others)
            for stream, others, by in apart
        )

    return {
        answer.position: tuple(one for one in map(UUID, answer.elsewhere) if not is_settled(one, answer))
        for answer in answers
    }
