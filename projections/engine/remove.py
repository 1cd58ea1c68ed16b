"""Removing the tables of read models that this program no longer has.

Nothing keeps such a table up to date, and an erasure does not reach it, so it is named and can be removed: the table,
the shadow and their rows, in one transaction. A read model of this program is not removed: the next command would make
it again.
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
# In the order in which these rows are locked everywhere: checkpoints, then rebuilds, and then tables.
_FORGET: Final = (
    "DELETE FROM projection_checkpoints WHERE projection = %s",
    "DELETE FROM projection_rebuilds WHERE projection = %s",
)
_DROP: Final = "DROP TABLE IF EXISTS {}, {}"


class NotLeftOver(PledgerError):
    """The read model to remove is one that this program has, or has no table."""

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
                f"the read models that are left over: {', '.join(names) or 'none'}.",
                "Name one of these. To make a current read model again, run pledger rebuild.",
            )
        for statement in _FORGET:
            connection.execute(statement, (name,))
        connection.execute(sql.SQL(_DROP).format(sql.Identifier(name), sql.Identifier(f"{name}_shadow")))
