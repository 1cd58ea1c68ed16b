"""Every read model. Add a new one here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.errors import PledgerError
from projections import (
    activity_counts,
    holding_history,
    people,
    request_history,
    sharing_history,
    subscription_history,
    suppression_list,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.projection import Projection

PROJECTIONS: Final[tuple[Projection, ...]] = (
    people.PROJECTION,
    subscription_history.PROJECTION,
    sharing_history.PROJECTION,
    holding_history.PROJECTION,
    request_history.PROJECTION,
    suppression_list.PROJECTION,
    activity_counts.PROJECTION,
)


class UnknownProjection(PledgerError):
    """A name belongs to no read model."""

    code = "unknown_projection"


def chosen(names: Sequence[str] | None) -> list[Projection]:
    """Return the read models of these names, each once, or all if there are no names. Raises `UnknownProjection`."""
    if not names:
        return list(PROJECTIONS)
    by_name = {str(projection.name): projection for projection in PROJECTIONS}
    if not set(names) <= set(by_name):
        raise UnknownProjection(
            "There is no such read model.",
            f"the read models are: {', '.join(by_name)}.",
            "Name some of these, or none to choose all.",
        )
    return [by_name[name] for name in dict.fromkeys(names)]
