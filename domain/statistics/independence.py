"""Counts that can be looked at apart, because they say nothing about each other.

Counts of other dimensions say nothing about each other if nothing but the total links them: each population that has
the ones can be combined with each that has the others. The same holds where one dimension links them, if it is known
how many persons have each of its values. A small group that follows from all of them then follows from a part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.statistics.cells import Cell
    from domain.statistics.exact import Work

_Names = frozenset[str]


def independent(cells: Sequence[Cell], new_from: int, work: Work) -> list[tuple[list[int], int]]:
    """Return the places of cells that are looked at together, and how many of these are before `new_from`."""
    common = dict(cells[0].where) if cells else {}
    for cell in cells:
        common = {name: value for name, value in common.items() if cell.where.get(name) == value}
    wheres = [{name: value for name, value in cell.where.items() if name not in common} for cell in cells]
    parts = _parts(list(range(len(cells))), wheres, work)
    return [(part, sum(place < new_from for place in part)) for part in parts]


def _parts(places: list[int], wheres: Sequence[dict[str, str]], work: Work) -> list[list[int]]:
    for separator in ("", *_with_all_values_counted(places, wheres)):
        work.take(len(places))
        linked = _linked({frozenset(wheres[place].keys() - {separator}) for place in places}, work)
        if len(linked) > 1:
            divided = [[place for place in places if wheres[place].keys() <= {*names, separator}] for names in linked]
            return [part for one in divided for part in _parts(one, wheres, work)]
    return [places]


def _with_all_values_counted(places: list[int], wheres: Sequence[dict[str, str]]) -> list[str]:
    """Return the dimensions of which each value that some cell has is counted by itself."""
    values = {item for place in places for item in wheres[place].items()}
    counted = {item for place in places if len(wheres[place]) == 1 for item in wheres[place].items()}
    return sorted({name for name, _ in values} - {name for name, _ in values - counted})


def _linked(together: set[_Names], work: Work) -> list[_Names]:
    """Return sets of dimensions such that no cell has dimensions of two of them."""
    found: list[_Names] = []
    for names in sorted(together - {frozenset()}, key=sorted):
        work.take(4 * len(found) + 4)
        met = [one for one in found if one & names]
        found = [one for one in found if not one & names] + [names.union(*met)]
    return found
