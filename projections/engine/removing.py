"""Removing: tables of read models that this program does not have any more.

Promise: what is left over is named, since nobody keeps it up to date and an erasure does not reach into it. Removing
takes the table, the shadow and both their rows, in one transaction.
Refused: a read model that there is, which the next command would make again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import sql

from domain.errors import PledgerError
from projections.registry import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from projections.projection import Connection, Projection

_NAMES: Final = """
SELECT projection FROM projection_checkpoints UNION SELECT projection FROM projection_rebuilds ORDER BY 1
"""
# In the order in which everybody takes these rows: checkpoints first, then rebuilds, and only then tables.
_FORGET: Final = (
    "DELETE FROM projection_checkpoints WHERE projection = %s",
    "DELETE FROM projection_rebuilds WHERE projection = %s",
)
_DROP: Final = "DROP TABLE IF EXISTS {}, {}"


class NotLeftOver(PledgerError):
    """A read model is to be removed that this program reads, or that there is no table of."""

    code = "not_left_over"


def left_over(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> list[str]:
    """Name the read models that have a table here and no projection in this program, in order."""
    known = {str(projection.name) for projection in projections}
    return [name for (name,) in connection.execute(_NAMES).fetchall() if name not in known]


def remove(connection: Connection, name: str, projections: Iterable[Projection] = PROJECTIONS) -> None:
    """Remove what is left over of a read model. Raises `NotLeftOver`.

    `connection` works inside the ledger as a user that may delete checkpoints, which its writer may not.
    """
    with connection.transaction():
        names = left_over(connection, projections)
        if name not in names:
            raise NotLeftOver(
                "Nothing was removed.",
                f"left over of read models that there were: {', '.join(names) or 'none'}.",
                "Name one of these. To make a read model anew that there is, run pledger rebuild.",
            )
        for statement in _FORGET:
            connection.execute(statement, (name,))
        connection.execute(sql.SQL(_DROP).format(sql.Identifier(name), sql.Identifier(f"{name}_shadow")))


__all__ = ["NotLeftOver", "left_over", "remove"]
