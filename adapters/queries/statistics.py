"""How many people or browsers there are of which kind, as far as a recipient may know it; and releases counted again.

What is shown is what could be released, to staff as well. What is held back is listed with the reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from adapters.ledger.opening import with_names
from adapters.queries.documents import fields, plain
from adapters.statistics.counting import CountQuery
from adapters.statistics.recounting import recount
from adapters.statistics.releasing import TableQuery, preview, release, table
from domain.naming import by_name
from projections import checkpoints
from projections.at_least import check_written

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from adapters.bootstrap import Installation
    from adapters.queries.read_point import ReadPoint
    from domain.statistics.dimensions import Counted, Dimension, Period
    from projections.projection import Connection


def statistics_table(  # noqa: PLR0913 - a table has many sides
    installation: Installation,
    connection: Connection,
    at: ReadPoint,
    *,
    of: Counted,
    by: Sequence[Dimension],
    where: Sequence[tuple[Dimension, str]],
    empty_is_public: Collection[str] = (),
    period: Period,
    recipient: str | None,
    name: str | None,
    now: datetime,
) -> dict[str, Any]:
    """Count a table, and release it to a recipient under a name; without a name, only show what could be released.

    Raises what `adapters.statistics.releasing` raises.
    """
    check_written(connection, at.moment)
    position = at.moment if isinstance(at.moment, int) else checkpoints.size(connection)
    time = at.moment if isinstance(at.moment, datetime) else None
    question = CountQuery(of, tuple(by), position, period, time)
    counted = table(installation, connection, TableQuery(question, tuple(where), frozenset(empty_is_public)))
    if name is None:
        done = preview(counted, installation.ledger.company(), recipient)
    else:
        done = release(installation, counted, recipient, name, now)
    too_few = [{"where": dict(where), "because": "too_few", "releases": []} for where in counted.too_few]
    earlier = [
        {"where": dict(one.cell.where), "because": "earlier_releases", "releases": by_name(one.releases)}
        for one in done.held_back
    ]
    document = {
        "of": of.value,
        "by": [one.name for one in by],
        "where": {one.name: value for one, value in where},
        "from": plain(period.since),
        "to": plain(period.until),
        "as_of": at.as_of,
        "position": position,
        "smallest_cell_count": counted.k,
        "recipient": recipient,
        "release": name,
        "recorded": done.receipt.fact if done.receipt else None,
        "recorded_at": done.receipt.position if done.receipt else None,
        "cells": [{"where": dict(one.where), "count": one.persons} for one in done.cells],
        "held_back": [*too_few, *earlier],
    }
    return cast("dict[str, Any]", with_names(connection, installation.keyring, document))


def recounted_releases(installation: Installation, connection: Connection) -> dict[str, Any]:
    """Count every release again, and return the cells of which the ledger gives another count."""
    position = checkpoints.size(connection)
    document = {
        "position": position,
        "releases": [
            {
                **fields(one, "release recipient fact position is_recounted cells"),
                "differing": [
                    {"where": dict(cell.where), "released": cell.count, "ledger": how} for cell, how in one.differing
                ],
            }
            for one in recount(installation, connection)
        ],
    }
    return cast("dict[str, Any]", with_names(connection, installation.keyring, document))
