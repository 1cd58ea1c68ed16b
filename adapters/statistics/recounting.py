"""Count releases again, at the position at which each was counted.

Each cell of a release is compared with the ledger as it was then, if the release says how it was counted. A cell
differs if no reading of the record gives its count: a person who has been erased since may have been of any gender, and
one who was erased during the release may have been counted or not. The result says whether the ledger has more or
fewer, but not how many, since that might be few. Nothing is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from adapters.statistics.counting import CountQuery, Counts, count
from adapters.statistics.releasing import SOURCE
from domain.events.company import AggregateReleased
from domain.naming import Named
from domain.statistics.dimensions import OF, PERIOD, Counted, UnknownDimension, dimension
from domain.statistics.periods import period_of
from projections.as_of import POSITION_MAX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.statistics.counting import Values
    from domain.events.company import ReleasedCell

MORE, FEWER = "more", "fewer"


class Recounted(NamedTuple):
    """A release, and the cells in which the ledger has more, or fewer, than the release says."""

    release: str
    recipient: str | None
    fact: Named
    position: int
    is_recounted: bool
    cells: int
    differing: tuple[tuple[ReleasedCell, str], ...] = ()


def recount(installation: Installation, connection: psycopg.Connection[Any]) -> list[Recounted]:
    """Count every release again, in the order of the log."""
    streams = [installation.identity.company_stream]
    wanted = {"streams": streams, "position": POSITION_MAX, "time": None}
    rows = connection.execute(query("audit_streams"), wanted).fetchall()
    events = [to_event(row) for row in map(EventRow._make, rows)]
    return [_recounted(installation, connection, one) for one in events if isinstance(one, AggregateReleased)]


def _recounted(
    installation: Installation, connection: psycopg.Connection[Any], released: AggregateReleased
) -> Recounted:
    position = released.position or 0
    release = (released.release, released.recipient, Named(position), position)
    question = _question(released, position)
    if question is None:
        return Recounted(*release, is_recounted=False, cells=len(released.cells))
    tally = count(connection, installation.keyring, question)
    names = [one.name for one in question.by]
    differing = [(cell, how) for cell in released.cells if (how := _differs(cell, names, tally)) is not None]
    return Recounted(*release, is_recounted=True, cells=len(released.cells), differing=tuple(differing))


def _question(released: AggregateReleased, position: int) -> CountQuery | None:
    """Return how a release was counted, or None if it does not say so."""
    common = {(cell.where.get(OF, ""), cell.where.get(PERIOD)) for cell in released.cells}
    names = set(released.dimensions)
    if released.source != SOURCE or released.counted_at is None or len(common) != 1:
        return None
    ((whom, period),) = common
    try:
        of = Counted(whom)
        by = tuple(dimension(of, name) for name in released.dimensions if name not in {OF, PERIOD})
    except (ValueError, UnknownDimension):
        return None
    if not all(cell.where.keys() <= names for cell in released.cells):
        return None
    return CountQuery(of, by, released.counted_at, period_of(period), released.counted_as_of, released_at=position)


def _differs(cell: ReleasedCell, names: Sequence[str], tally: Counts) -> str | None:
    where = {name: value for name, value in cell.where.items() if name in names}
    least = _sum(tally.sure.items(), names, where, or_unknown=False)
    most = sum(_sum(part.items(), names, where, or_unknown=True) for part in (tally.sure, tally.unsure))
    if cell.count < least:
        return MORE
    return FEWER if cell.count > most else None


def _sum(
    counted: Iterable[tuple[Values, int]], names: Sequence[str], where: Mapping[str, str], *, or_unknown: bool
) -> int:
    return sum(
        persons
        for values, persons in counted
        if all(
            where.get(name, value) == value or (value is None and or_unknown)
            for name, value in zip(names, values, strict=True)
        )
    )
