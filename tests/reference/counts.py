"""Tables of counts that are given away: P13. Cells, and what is left of a total."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.reference.history import Line

SMALLEST: Final = 10
"""The `k` of the policy."""
Cell = tuple[str, int]
"""A value of the one dimension (of the total: nothing) and a count."""


def breaking(lines: Sequence[Line]) -> tuple[set[str], set[str]]:
    """Return the releases that break the promise, and those that may be named beside them.

    A release breaks it if it has a small cell, or if a group of 1 to k-1 follows from it and those before that its
    recipient has, and did not follow before. It may be named if the group follows from others as well.
    """
    broken, named = set(), set()
    told = [one for one in lines if one.kind == "aggregate_released"]
    for place, one in enumerate(told):
        reader, before = one.data.get("recipient"), told[:place]
        readers = {reader} if reader else {None, *(each.data.get("recipient") for each in before)}
        had = [[each for each in before if _has(who, each)] for who in readers]
        if any(_is_small(cell, one) for cell in one.data["cells"]) or any(_shows(one, each) for each in had):
            broken.add(one.name)
        elif any(_follows(one, each) for each in had):
            named.add(one.name)
    return broken, named


def _is_small(cell: dict[str, object], release: Line) -> bool:
    """Return whether a cell is below `k`, "a cell of 0 excepted only where the dimension says that empty is public"."""
    public = {one["name"] for one in release.data["dimensions"] if isinstance(one, dict) and one.get("empty_is_public")}
    where, count = cell["where"], cell["count"]
    assert isinstance(where, dict)
    assert isinstance(count, int)
    is_public = count == 0 and bool(where) and set(where) <= public
    return count < SMALLEST and not is_public


def _has(reader: str | None, release: Line) -> bool:
    """Return whether somebody has a release: "public ones count for everybody"."""
    return release.data.get("recipient") in {None, reader}


def _follows(release: Line, before: Sequence[Line]) -> bool:
    """Return whether a small group is left of a total by counts of which some are of this release."""
    own = set(_cells([release]))
    return any(own & set(counted) for counted in _left([*before, release]))


def _shows(release: Line, before: Sequence[Line]) -> bool:
    """Return whether a small group follows from a release, of whom no release before shows the count."""
    new = {_group(counted) for counted in _left([*before, release])} - {_group(counted) for counted in _left(before)}
    known = {count for _, count in _cells(before)}
    return any(count not in known for count in new)


def _group(counted: tuple[Cell, ...]) -> int:
    total, *parts = counted
    return total[1] - sum(count for _, count in parts)


def _left(releases: Sequence[Line]) -> Iterator[tuple[Cell, ...]]:
    """Yield each total with counts of some of its parts, if what they leave of it is a small group."""
    cells = set(_cells(releases))
    by_value = {value: [None, *(one for one in cells if one[0] == value)] for value, _ in cells if value}
    for total in (one for one in cells if not one[0]):
        for chosen in product(*by_value.values()):
            parts = [part for part in chosen if part is not None]
            if parts and 0 < total[1] - sum(count for _, count in parts) < SMALLEST:
                yield (total, *parts)


def _cells(releases: Sequence[Line]) -> Iterator[Cell]:
    return ((next(iter(cell["where"].values()), ""), cell["count"]) for one in releases for cell in one.data["cells"])
