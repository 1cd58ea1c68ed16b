"""Which answers to requests left out other records with the person's addresses, as far as those are not settled yet.

This is read from the log itself: an erasure leaves no row in a read model, and such answers are few. A stream is
settled once it is erased, or once somebody said that it is another person's (`domain.elsewhere`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from projections.fragments import with_fragments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from projections.projection import Connection

_REPORTS: Final = with_fragments("""
SELECT position, ARRAY[stream_id], data -> 'elsewhere', NULL::bigint
FROM events
WHERE position = ANY (%(positions)s::bigint[]) AND topic = 'AccessReportIssued.v1' AND data ? 'elsewhere'
""")
# The erasures of people who had asked for it, on any of the streams that were erased together.
_ERASURES: Final = with_fragments("""
WITH first AS (
    SELECT event.position, event.stream_id, event.occurred_at, event.data
    FROM events AS event
    WHERE event.{is_erasure} AND event.data ? 'elsewhere' AND {as_of}
), erased AS (
    SELECT first.position AS first, first.data, first.occurred_at AS at, part.position, part.stream_id
    FROM first
    JOIN events AS part ON part.position >= first.position AND part.{is_erasure}
        AND part.position - part.part = first.position
)
SELECT
    erased.first, array_agg(DISTINCT erased.stream_id), erased.data -> 'elsewhere', max(erased.position), erased.at,
    min(asked.occurred_at), (array_agg(asked.position ORDER BY asked.occurred_at, asked.position))[1],
    (array_agg(asked.data ->> 'request_code' ORDER BY asked.occurred_at, asked.position))[1]
FROM erased
JOIN events AS asked ON asked.stream_id = erased.stream_id AND asked.topic = 'ErasureRequested.v1'
GROUP BY erased.first, erased.data, erased.at
ORDER BY erased.first
""")
_SETTLING: Final = with_fragments("""
SELECT stream_id, topic, data -> 'others', (data ->> 'erased')::bigint
FROM events
WHERE stream_id = ANY (%(streams)s::uuid[])
    AND topic IN ('LinkRejected.v1', 'CustomersUnlinked.v1', 'CustomerErased.v1')
    AND {as_of}
""")


class Erasure(NamedTuple):
    """An erasure that was asked for, and the streams that it left out and that are not settled."""

    person: UUID
    position: int
    at: datetime
    request_code: str
    asked_at: datetime
    asked_by: int
    elsewhere: tuple[UUID, ...]


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


def erasures(connection: Connection, limits: Mapping[str, Any]) -> list[Erasure]:
    """Return the erasures that were asked for and left out streams that are not settled."""
    rows = connection.execute(_ERASURES, limits).fetchall()
    left = _unsettled(connection, [_Answer._make(row[:4]) for row in rows], limits)
    return [
        Erasure(min(streams, key=str), position, at, code, asked_at, asked_by, left[first])
        for first, streams, _, position, at, asked_at, asked_by, code in rows
        if left[first]
    ]


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
