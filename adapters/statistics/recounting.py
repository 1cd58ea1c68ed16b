"""Counting again what was released, at the position at which it was counted.

Promise: of each release that says how it was counted, each cell is held against the ledger as it was then. A cell
differs where no reading of the record gives its count: whoever has been erased since may have been of any gender, and
whoever was erased while it was released may have been counted or not. Whether the ledger has more or fewer is said, and
not how many, which might be few. Nothing is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.postgres.mapper import to_event
from adapters.postgres.rows import EventRow
from adapters.postgres.schema import query
from adapters.statistics.counting import Asked, Tally, count
from adapters.statistics.releasing import SOURCE
from domain.events.company import AggregateReleased
from domain.statistics.dimensions import OF, PERIOD, Counted, UnknownDimension, dimension
from domain.statistics.release import period_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg

    from adapters.bootstrap import Installation
    from adapters.statistics.counting import Values
    from domain.events.company import ReleasedCell

MORE, FEWER = "more", "fewer"


class Recounted(NamedTuple):
    """A release, and the cells in which the ledger has more, or fewer, than it said."""

    release: str
    recipient: str | None
    fact: str
    position: int
    is_recounted: bool
    cells: int
    differing: tuple[tuple[ReleasedCell, str], ...] = ()


def recount(installation: Installation, connection: psycopg.Connection[Any]) -> list[Recounted]:
    """Count every release again, in the order of the log."""
    streams = [installation.identity.company_stream]
    wanted = {"streams": streams, "position": 2**63 - 1, "time": None}
    rows = connection.execute(query("audit_streams"), wanted).fetchall()
    events = [to_event(row) for row in map(EventRow._make, rows)]
    return [_recounted(installation, connection, one) for one in events if isinstance(one, AggregateReleased)]


def _recounted(
    installation: Installation, connection: psycopg.Connection[Any], released: AggregateReleased
) -> Recounted:
    position = released.position or 0
    told = (released.release, released.recipient, released.fact, position)
    asked = _asked(released, position)
    if asked is None:
        return Recounted(*told, is_recounted=False, cells=len(released.cells))
    tally = count(connection, installation.keyring, asked)
    names = [one.name for one in asked.by]
    differing = [(cell, how) for cell in released.cells if (how := _differs(cell, names, tally)) is not None]
    return Recounted(*told, is_recounted=True, cells=len(released.cells), differing=tuple(differing))


def _asked(released: AggregateReleased, position: int) -> Asked | None:
    """Give how a release was counted, or None where it does not say so."""
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
    return Asked(of, by, released.counted_at, period_of(period), released.counted_as_of, released_at=position)


def _differs(cell: ReleasedCell, names: Sequence[str], tally: Tally) -> str | None:
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
