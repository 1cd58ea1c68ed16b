"""Values that were corrected: P22."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.reference.statuses import overlap

if TYPE_CHECKING:
    from tests.reference.history import History, Line


def is_stale(line: Line, history: History) -> bool:
    """Return whether a use took the value of a collection that had been corrected since it was given."""
    cited = line.data.get("value_from")
    if not cited:
        return False
    told = history.of(line.subject, line.when)
    held = [
        one
        for one in told
        if one.kind == "collection" and (one.data["act"], one.data["reference"]) == (cited["act"], cited["reference"])
    ]
    if not held:
        return False
    return any(
        one.kind == "correction"
        and one.when > held[-1].when
        and any(overlap(one.data["category"], used) for used in line.data["categories"])
        and any(overlap(one.data["category"], value) for value in held[-1].data["values"])
        for one in told
    )
