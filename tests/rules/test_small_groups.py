"""Which small groups follow from released counts: each way by itself, and that nothing is found which is none."""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given, settings, strategies as st

from domain.statistics.cells import Cell
from domain.statistics.small_groups import follows
from tests.released_tables import shows_a_small_group

if TYPE_CHECKING:
    from collections.abc import Mapping

K = 10
ALL: Mapping[str, str] = {}
WOMEN, MEN, OTHERS = {"gender": "f"}, {"gender": "m"}, {"gender": "x"}
NORTH, SOUTH = {"area": "north"}, {"area": "south"}


_NAMES: list[str] = []


def position(name: str) -> int:
    """Return the position of the release of a name."""
    if name not in _NAMES:
        _NAMES.append(name)
    return _NAMES.index(name) + 1


def release(name: str, *counts: tuple[Mapping[str, str], int]) -> list[Cell]:
    """Return the cells of a release, whose position stands for its name here."""
    return [Cell(where, persons, position(name)) for where, persons in counts]


def found(*releases: list[Cell], k: int = K) -> list[tuple[str, ...]]:
    """Return what follows from the last of some releases, in the order in which they were made."""
    found = follows(chain.from_iterable(releases[:-1]), releases[-1], k)
    return [tuple(_NAMES[one - 1] for one in positions) for positions in found]


@pytest.mark.parametrize(("difference", "is_small"), [(0, False), (1, True), (9, True), (10, False)])
def test_two_counts_of_the_same(difference: int, is_small: bool) -> None:  # noqa: FBT001 - a column of the table
    """One to k - 1 persons came, or went, between two counts of the same; nobody, or k, is no small group."""
    for new in (100 - difference, 100 + difference):
        assert bool(found(release("a", (WOMEN, 100)), release("b", (WOMEN, new)))) is is_small
    assert found(release("a", (WOMEN, 100)), release("b", (MEN, 100 - difference))) == []


@pytest.mark.parametrize(("difference", "is_small"), [(0, False), (1, True), (9, True), (10, False)])
def test_a_cell_and_a_narrower_one(difference: int, is_small: bool) -> None:  # noqa: FBT001 - a column of the table
    """What a narrower cell lacks is a group, in one release and in two, whichever was first."""
    wide, narrow = (NORTH, 100), (NORTH | WOMEN, 100 - difference)
    assert bool(found(release("a", wide, narrow))) is is_small
    assert bool(found(release("a", wide), release("b", narrow))) is is_small
    assert bool(found(release("a", narrow), release("b", wide))) is is_small
    far = (NORTH | WOMEN | {"age": "30"}, 100 - difference)
    assert bool(found(release("a", (ALL, 100), far))) is is_small


def test_a_narrower_cell_that_has_more() -> None:
    """Nobody in particular follows where a cell has grown beyond an older one that it is part of."""
    assert found(release("a", (ALL, 100)), release("b", (WOMEN, 103))) == []


def test_cells_that_do_not_contain_each_other() -> None:
    """Two cells of which neither is part of the other say nothing about a difference."""
    assert found(release("a", (WOMEN, 100), (NORTH, 95))) == []
    assert found(release("a", (WOMEN, 100), (MEN | NORTH, 95))) == []


@pytest.mark.parametrize(("rest", "is_small"), [(0, False), (1, True), (9, True), (10, False)])
def test_a_cell_and_those_that_divide_it(rest: int, is_small: bool) -> None:  # noqa: FBT001 - a column of the table
    """What is left over of a total, or of any cell, is a group, in one release or drawn from several."""
    for within in (ALL, NORTH):
        whole, women, men = (within, 100 + rest), ({**within, **WOMEN}, 60), ({**within, **MEN}, 40)
        assert bool(found(release("a", whole, women, men))) is is_small
        assert bool(found(release("a", whole), release("b", women, men))) is is_small
        assert bool(found(release("a", women, men), release("b", whole))) is is_small
        assert bool(found(release("a", whole, women), release("b", men))) is is_small
        assert bool(found(release("a", whole), release("b", women), release("c", men))) is is_small


def test_the_releases_are_named() -> None:
    """Each group comes with the releases that give it away, in order of time, the new one last."""
    total, women, men = release("a", (ALL, 105)), release("b", (WOMEN, 60)), release("c", (MEN, 40))
    assert found(total, women, men) == [("a", "b", "c")]
    assert found(total, women, release("c", (MEN, 40), (SOUTH, 50), (SOUTH | MEN, 44))) == [("a", "b", "c"), ("c",)]
    assert found([], release("only", (ALL, 105), (WOMEN, 100))) == [("only",)]


def test_what_followed_before_is_not_found_again() -> None:
    """A release is held against earlier ones, and they not against each other."""
    given_away = [*release("a", (ALL, 100)), *release("b", (ALL, 101), (WOMEN, 95), (MEN, 3))]
    assert found(given_away, release("c", (NORTH, 50))) == []
    assert found(given_away, []) == []
    assert found([], []) == []
    before = release("a", (ALL, 100), (WOMEN, 60), (MEN, 35))
    assert found(before, release("b", (WOMEN, 80), (MEN, 35))) == []


def test_cells_of_two_dimensions() -> None:
    """Cells of two dimensions leave a group of a wider cell, and those of the total who are in none of them."""
    cross = [({**area, **gender}, 25) for area in (NORTH, SOUTH) for gender in (WOMEN, MEN)]
    assert found(release("a", (ALL, 105), *cross)) == [("a",)]
    assert found(release("a", (ALL, 110), *cross)) == []
    assert found(release("a", (NORTH, 55), *cross)) == [("a",)]
    assert found(release("a", (ALL, 105), (WOMEN, 52), (NORTH, 50))) == []


def test_a_part_released_apart() -> None:
    """A part that only another release has neither hides what is left over, nor is it left out."""
    assert found(release("a", (OTHERS, 20)), release("b", (ALL, 100), (WOMEN, 50), (MEN, 45))) == [("b",)]
    assert found(release("a", (ALL, 100), (WOMEN, 50), (MEN, 30)), release("b", (OTHERS, 15))) == [("a", "b")]
    assert found(release("a", (ALL, 100), (WOMEN, 50), (MEN, 30)), release("b", (OTHERS, 20))) == []
    several = release("a", (OTHERS, 20)), release("b", (ALL, 100), (WOMEN, 50)), release("c", (MEN, 45))
    assert found(*several) == [("b", "c")]


def test_growth_is_no_group() -> None:
    """Counts that all grew by many are not mixed with the old ones into groups that never were."""
    old = release("a", (ALL, 100), (WOMEN, 30), (MEN, 30), (OTHERS, 40))
    assert found(old, release("b", (ALL, 147), (WOMEN, 46), (MEN, 46), (OTHERS, 55))) == []
    assert found(release("a", (ALL, 100), (WOMEN, 50), (MEN, 30)), release("b", (WOMEN, 65))) == []
    old = release("a", (ALL, 100), (WOMEN, 40), (MEN, 30), (OTHERS, 30))
    assert found(old, release("b", (WOMEN, 52), (MEN, 45))) == []
    months = [release(str(month), (WOMEN, 50 + 20 * month), (MEN, 50 + 30 * month)) for month in range(40)]
    assert found(*months, release("last", (ALL, 2_000 + 83))) == []


def test_the_sum_of_the_parts_is_a_total_too() -> None:
    """Newcomers follow from an old total and the parts of a new one; parts that overlap in one release say nothing."""
    assert found(release("a", (ALL, 100)), release("b", (WOMEN, 53), (MEN, 50))) == [("a", "b")]
    assert found(release("a", (ALL, 100), (WOMEN, 53), (MEN, 50))) == []


def test_who_is_in_neither_of_two_cells() -> None:
    """Inclusion and exclusion: 60 and 60 of 100, 25 of them in both, leave five; also over several releases."""
    both = {**NORTH, **WOMEN}
    assert found(release("a", (ALL, 100), (NORTH, 60), (WOMEN, 60), (both, 25))) == [("a",)]
    assert found(release("a", (ALL, 100), (NORTH, 60), (WOMEN, 60), (both, 35))) == []
    assert found(release("a", (ALL, 100), (NORTH, 60)), release("b", (WOMEN, 60), (both, 25))) == [("a", "b")]
    assert found(release("a", (both, 25)), release("b", (WOMEN, 60)), release("c", (ALL, 100), (NORTH, 60))) == [
        ("a", "b", "c")
    ]


def test_counts_of_different_times_have_no_complements() -> None:
    """Where a count changed between two releases, what is left of both is of no time."""
    both = {**NORTH, **WOMEN}
    given_away = release("a", (ALL, 130), (NORTH, 60)), release("b", (ALL, 150), (WOMEN, 60), (both, 25))
    assert found(*given_away) == []


def test_k_is_given() -> None:
    """How few are a small group is for the one who asks."""
    assert found(release("a", (ALL, 100), (WOMEN, 90)), k=11) == [("a",)]
    assert found(release("a", (ALL, 100), (WOMEN, 99)), k=1) == []


def test_cells_of_many_dimensions() -> None:
    """Work is bounded: a cell of sixty dimensions is held against the sets of dimensions that there are."""
    wide = {f"d{number}": "x" for number in range(60)}
    assert found(release("a", (wide, 95), (ALL, 100))) == [("a",)]
    many = [Cell({f"d{number:04}": "x", f"e{number:04}": "x"}, 100 + number, position("a")) for number in range(300)]
    assert found([*many, Cell(ALL, 105, position("a"))]) == [("a",)]
    assert found([*many, Cell(ALL, 395, position("a"))]) == []
    assert found(many, release("b", (many[-1].where, 390))) == [("a", "b")]


_CELLS = [(("area", area), ("gender", gender)) for area in "ns" for gender in "fm"]
_WHERES = [dict(part) for cell in _CELLS for size in range(3) for part in combinations(cell, size)]
_CHOSEN = st.lists(st.sampled_from(_WHERES), unique_by=lambda where: tuple(where.items()), max_size=6)
_COUNTS = st.lists(st.integers(0, 6), min_size=len(_CELLS), max_size=len(_CELLS))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(_COUNTS, _CHOSEN, _CHOSEN)
def test_what_is_found_is_there(counts: list[int], first: list[dict[str, str]], second: list[dict[str, str]]) -> None:
    """Among the same persons, where something is said to follow, every table with these counts has the small group."""
    table: dict[tuple[tuple[str, str], ...], int] = dict(zip(_CELLS, counts, strict=True))
    tables = [
        [
            Cell(where, sum(table[cell] for cell in _CELLS if where.items() <= dict(cell).items()), position(name))
            for where in chosen
        ]
        for name, chosen in (("a", first), ("b", second))
    ]
    if found(tables[0], k=3) or found(*tables, k=3):
        event("something follows")
        assert shows_a_small_group(table, [*tables[0], *tables[1]], 3)
