"""Every read model there is; a new one is added here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from projections import activity_counts, holdings, people, requests, sharing_history, subscriptions, suppression_list

if TYPE_CHECKING:
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
