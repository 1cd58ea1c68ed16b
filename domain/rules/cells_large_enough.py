"""Rule kind `cells_large_enough`: no released counts show a small group, alone or together."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from domain.events.company import AggregateReleased
from domain.naming import Named
from domain.policy.status import Status
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import particulars
from domain.statistics.cells import Cell
from domain.statistics.combined_counts import COUNTS_CONTRADICT, TOO_MANY_COUNTS
from domain.statistics.release import known_to
from domain.statistics.small_groups import groups

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.events.company import ReleasedCell
    from domain.statistics.cells import Group


CELLS_SHOWN: Final = 10
"""So many small cells, and groups that follow, are named; a table can have thousands."""


class CellsLargeEnough(Rule):
    """Each released cell counts at least k persons; no smaller group follows from the releases that one recipient has.

    A cell of nobody is excepted where each dimension that it has a value of says that empty is public.

    `k` is a parameter of the policy. Every recipient knows what was released without naming one. Where it cannot be
    worked out which groups follow, the promise is undecided.
    """

    concerns: ClassVar = frozenset({AggregateReleased})
    reasons: ClassVar = {
        "cell_too_small": "A released count is below the smallest count allowed.",
        "group_follows": "Released counts, taken together, show a group below the smallest count allowed.",
        TOO_MANY_COUNTS: "The released counts are too many to work out each group that follows from them.",
        COUNTS_CONTRADICT: "The counts of the release contradict each other, so nobody can tell which groups follow.",
    }

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one release by itself, and together with what each of its readers got before."""
        event = case.event
        if not isinstance(event, AggregateReleased):
            return
        k = case.policy.parameters.smallest_cell_count
        small = [cell for cell in event.cells if cell.count < k and not _is_publicly_empty(event, cell)]
        if small:
            shown = tuple({"where": dict(cell.where), "count": cell.count} for cell in small[:CELLS_SHOWN])
            yield Breach("cell_too_small", particulars=particulars(smallest_count=k, cells=shown))
        earlier = [one for one in case.company.releases if one.moment < case.moment]
        new = [Cell(cell.where, cell.count, case.moment.position) for cell in event.cells]
        readers = known_to(event.recipient, earlier)
        combined = [groups(known, new, k) for known in readers]
        found = [group for one in combined for group in one.groups]
        if found:
            by = {release for group in found for release in group.releases}
            known = particulars(smallest_count=k, groups=tuple(map(_shown, found[:CELLS_SHOWN])))
            positions = tuple(one.position for one in earlier if one.position in by)
            yield Breach("group_follows", positions, particulars=known)
        elif unsettled := next((one.unsettled for one in combined if one.unsettled), None):
            together = 1 + max(len({cell.release for cell in before}) for before in readers)
            known = particulars(smallest_count=k, releases=together, counts=len(new))
            yield Breach(unsettled, status=Status.INDETERMINATE, particulars=known)


def _is_publicly_empty(event: AggregateReleased, cell: ReleasedCell) -> bool:
    """Return whether a cell counts nobody, and everybody may know that."""
    return cell.count == 0 and bool(cell.where) and cell.where.keys() <= set(event.empty_is_public or ())


def _shown(group: Group) -> dict[str, object]:
    """Return how many persons a group has, and which counts of which releases give it."""
    counts = [
        {"where": dict(cell.where), "count": cell.persons, "release": Named(cell.release)} for cell in group.counts
    ]
    return {"persons": group.persons, "counts": counts}
