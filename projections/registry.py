"""Every read model there is; a new one is added here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.errors import PledgerError
from projections import activity_counts, holdings, people, requests, sharing_history, subscriptions, suppression_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.projection import Projection

PROJECTIONS: Final[tuple[Projection, ...]] = (
    people.PROJECTION,
    subscriptions.PROJECTION,
    sharing_history.PROJECTION,
    holdings.PROJECTION,
    requests.PROJECTION,
    suppression_list.PROJECTION,
    activity_counts.PROJECTION,
)


class UnknownProjection(PledgerError):
    """A read model is named that there is not."""

    code = "unknown_projection"


def chosen(names: Sequence[str] | None) -> list[Projection]:
    """Give the read models of these names, each once, or all if there are no names. Raises `UnknownProjection`."""
    if not names:
        return list(PROJECTIONS)
    by_name = {str(projection.name): projection for projection in PROJECTIONS}
    if not set(names) <= set(by_name):
        raise UnknownProjection(
            "There is no such read model.",
            f"those that there are: {', '.join(by_name)}.",
            "Name one of these, or none for all of them.",
        )
    return [by_name[name] for name in dict.fromkeys(names)]
