"""Rule kind `cells_large_enough`: no released count, and no difference of released counts, shows a small group."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.aggregates import Cell, small_groups
from domain.events.company import AggregateReleased
from domain.policy.rules.base import Breach, Case, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator


class CellsLargeEnough(Rule):
    """Each released cell counts at least k persons, and no smaller group follows from two releases to one recipient.

    `k` is a parameter of the policy. What was released to nobody in particular is known to every recipient.
    """

    concerns: ClassVar = frozenset({AggregateReleased})

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one release against itself, and against what its readers had been given before."""
        event = case.event
        if not isinstance(event, AggregateReleased):
            return
        k = case.policy.parameters.smallest_cell_count
        if any(cell.count < k for cell in event.cells):
            yield Breach("cell_too_small")
        before = [
            Cell(dict(where), count, one.name)
            for one in case.company.releases
            if one.moment < case.moment and (one.recipient is None or event.recipient in {None, one.recipient})
            for where, count in one.cells
        ]
        now = [Cell(cell.where, cell.count, event.fact) for cell in event.cells]
        shown = dict.fromkeys(name for group in small_groups(before, now, k) for name in group if name != event.fact)
        if shown or any(True for _ in small_groups(before, now, k)):
            yield Breach("group_follows", tuple(shown))
