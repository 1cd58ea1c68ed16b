"""Rule kind `cells_large_enough`: no released count, and no difference of released counts, shows a small group."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.company import AggregateReleased
from domain.rules.common.base import Breach, Case, Rule
from domain.statistics.release import known_to
from domain.statistics.small_groups import Cell, follows

if TYPE_CHECKING:
    from collections.abc import Iterator


class CellsLargeEnough(Rule):
    """Each released cell counts at least k persons, and no smaller group follows from two releases to one recipient.

    `k` is a parameter of the policy. Every recipient knows what was released without naming one.
    """

    concerns: ClassVar = frozenset({AggregateReleased})
    reasons: ClassVar = {
        "cell_too_small": "A released count is below the smallest count allowed.",
        "group_follows": "Released counts, taken together, show a group below the smallest count allowed.",
    }

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one release by itself, and together with what each of its readers got before."""
        event = case.event
        if not isinstance(event, AggregateReleased):
            return
        k = case.policy.parameters.smallest_cell_count
        if any(cell.count < k for cell in event.cells):
            yield Breach("cell_too_small")
        earlier = [one for one in case.company.releases if one.moment < case.moment]
        new = [Cell(cell.where, cell.count, case.moment.position) for cell in event.cells]
        groups = [group for known in known_to(event.recipient, earlier) for group in follows(known, new, k)]
        if groups:
            shown = {release for group in groups for release in group}
            yield Breach("group_follows", tuple(one.position for one in earlier if one.position in shown))
